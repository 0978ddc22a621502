import { useState } from 'preact/hooks'
import { exportTranscript } from '../../export/export-transcript.ts'
import { exportLabels } from '../../export/labels.ts'
import { type ExportFormat, exportFormats, type TranscriptFile } from '../../export/model.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Field } from '../../ui/field.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { formatLanguage, text } from '../../ui/text.ts'
import { useTask } from '../../ui/use-task.ts'
import type { PanelState } from '../panel-state.ts'
import { type RangeChoice, rangeOf } from '../range/range-choice.ts'
import { RangeField } from '../range/range-field.tsx'
import type { ShownSession } from '../sessions/shown-session.ts'
import type { SegmentList } from '../transcript/segment-list.ts'
import { holdsMore, partsOf } from './export-parts.ts'
import { saveFile } from './save-file.ts'

/** Saves a transcript, or a part of it, as a file. */
export function ExportTab({ panel }: { readonly panel: PanelState }) {
  const shown = panel.shown.value
  const segments = panel.transcript.value?.segments.value ?? []
  return (
    <div class="tab">
      {shown && segments.length > 0 ? (
        <ExportForm key={shown.sessionId} panel={panel} shown={shown} segments={segments} />
      ) : (
        <p class="quiet">{text('panel_export_empty')}</p>
      )}
    </div>
  )
}

interface Choices {
  readonly format: ExportFormat
  readonly range: RangeChoice
  readonly withTimeStamps: boolean
  readonly withMore: boolean
}

const atFirst: Choices = { format: 'txt', range: { name: 'all' }, withTimeStamps: true, withMore: true }

function ExportForm(props: {
  readonly panel: PanelState
  readonly shown: ShownSession
  readonly segments: SegmentList
}) {
  const { panel, shown, segments } = props
  const [choices, setChoices] = useState(atFirst)
  const [done, setDone] = useState('')
  const change = (changes: Partial<Choices>): void => {
    setDone('')
    setChoices(before => ({ ...before, ...changes }))
  }
  const range = rangeOf(choices.range, segments)
  const file = (): TranscriptFile => {
    const { sessionId, page, startedAtMs } = shown
    const requests = panel.assistant.requests.value.map(({ request }) => request)
    return exportTranscript({
      format: choices.format,
      session: { sessionId, page, startedAtMs },
      segments,
      ...(range ? { range } : {}),
      ...(choices.withMore && holdsMore(choices.format)
        ? partsOf(requests.filter(request => request.sessionId === sessionId))
        : {}),
      timeStamps: choices.withTimeStamps,
      language: formatLanguage(),
      labels: exportLabels(),
    })
  }
  const save = useTask(async () => {
    const made = file()
    saveFile(made)
    setDone(text('panel_saved', made.fileName))
  })
  const copy = useTask(async () => {
    await navigator.clipboard.writeText(file().contents)
    setDone(text('panel_copied'))
  })
  return (
    <div class="stack">
      <Field label={text('panel_format')}>
        {ids => (
          <select
            {...ids}
            value={choices.format}
            onChange={event => change({ format: formatIn(event.currentTarget.value) })}
          >
            {exportFormats.map(format => (
              <option key={format} value={format}>
                {text(`panel_format_${format}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <RangeField choice={choices.range} segments={segments} onChange={next => change({ range: next })} />
      {choices.format === 'txt' ? (
        <Choice
          type="checkbox"
          label={text('panel_with_time_stamps')}
          checked={choices.withTimeStamps}
          onChange={withTimeStamps => change({ withTimeStamps })}
        />
      ) : null}
      {holdsMore(choices.format) ? (
        <Choice
          type="checkbox"
          label={text('panel_with_more')}
          checked={choices.withMore}
          onChange={withMore => change({ withMore })}
        />
      ) : null}
      <div class="row">
        <BusyButton class="primary" busy={save.busy} disabled={!range} onClick={() => void save.run()}>
          {text('panel_save')}
        </BusyButton>
        <BusyButton busy={copy.busy} disabled={!range} onClick={() => void copy.run()}>
          {text('panel_copy')}
        </BusyButton>
      </div>
      <p role="status" class="said-done">
        {done}
      </p>
      <ProblemNote problem={save.problem ?? copy.problem} />
    </div>
  )
}

const formatIn = (value: string): ExportFormat => exportFormats.find(format => format === value) ?? 'txt'
