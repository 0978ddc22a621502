import type { Api } from '../../api/client.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { text } from '../../ui/text.ts'
import { useTask } from '../../ui/use-task.ts'
import { spanStartMs } from './usage-days.ts'

/** Downloads the usage of the last days for a spreadsheet. */
export function UsageFile({ api, days }: { readonly api: Api; readonly days: number }) {
  const download = useTask(async () => {
    const from = new Date(spanStartMs(days, Date.now())).toISOString()
    const csv = await api.usageFile({ from })
    saveFile(`usage-${days}-days.csv`, csv, 'text/csv')
  })
  return (
    <div class="stack">
      <div>
        <BusyButton busy={download.busy} onClick={() => void download.run()}>
          {text('credits_usage_file')}
        </BusyButton>
      </div>
      <ProblemNote problem={download.problem} />
    </div>
  )
}
