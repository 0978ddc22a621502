import { useState } from 'preact/hooks'
import type { UsageEntry } from '../../../src/contracts/analytics.ts'
import type { Api } from '../../api/client.ts'
import { duration, moment, number } from '../../ui/format.ts'
import { LoadProblem } from '../../ui/load-problem.tsx'
import { Loading } from '../../ui/loading.tsx'
import { text } from '../../ui/text.ts'
import { useLoaded } from '../../ui/use-loaded.ts'
import { readUsage } from './read-usage.ts'
import { SpanChoice } from './span-choice.tsx'
import { UsageChart } from './usage-chart.tsx'
import { usageByDay } from './usage-days.ts'
import { UsageFile } from './usage-file.tsx'

const firstShown = 10
const moreShown = 50

/** What was used, by day and one by one. @param used anything that changes when something is used */
export function Usage({ api, used }: { readonly api: Api; readonly used: unknown }) {
  const [days, setDays] = useState(30)
  const usage = useLoaded(() => readUsage(api, days, Date.now()), [api, days, used])
  const shown = usage.value
  return (
    <section class="stack" aria-labelledby="usage" aria-busy={usage.busy}>
      <div class="row apart">
        <h2 id="usage">{text('credits_usage_heading')}</h2>
        <SpanChoice days={days} onChoose={setDays} />
      </div>
      <LoadProblem of={usage} />
      {shown ? null : <Loading busy={usage.busy} />}
      {shown && shown.entries.length === 0 ? <p class="quiet">{text('credits_usage_none')}</p> : null}
      {shown && shown.entries.length > 0 ? (
        <>
          <UsageChart days={usageByDay(shown.entries, shown.days, shown.nowMs)} />
          <Entries entries={shown.entries} />
          <UsageFile api={api} days={days} />
        </>
      ) : null}
    </section>
  )
}

function Entries({ entries }: { readonly entries: readonly UsageEntry[] }) {
  const [count, setCount] = useState(firstShown)
  return (
    <details>
      <summary>{text('credits_usage_list')}</summary>
      <div class="stack">
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">{text('credits_usage_when')}</th>
                <th scope="col">{text('credits_usage_what')}</th>
                <th scope="col" class="number">
                  {text('credits_usage_used')}
                </th>
                <th scope="col" class="number">
                  {text('credits_usage_after')}
                </th>
              </tr>
            </thead>
            <tbody>
              {entries.slice(0, count).map(entry => (
                <tr key={entry.operation_id}>
                  <td>{moment(Date.parse(entry.timestamp))}</td>
                  <td>
                    {text(`credits_entry_${entry.service_type}`)}{' '}
                    <span class="quiet">{particulars(entry)}</span>
                  </td>
                  <td class="number">{number(entry.credits_used)}</td>
                  <td class="number">{number(entry.balance_after)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {entries.length > count ? (
          <div>
            <button type="button" onClick={() => setCount(count + moreShown)}>
              {text('credits_more')}
            </button>
          </div>
        ) : null}
      </div>
    </details>
  )
}

/** How long captions ran, or which channel it was. */
function particulars({ metadata }: UsageEntry): string {
  const { seconds, channel } = metadata
  if (typeof seconds === 'number') return duration(seconds)
  return typeof channel === 'string' ? channel : ''
}
