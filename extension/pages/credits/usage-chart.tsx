import { day, number } from '../../ui/format.ts'
import { plural, text } from '../../ui/text.ts'
import { serviceName } from './service-name.ts'
import { scaleTop, type UsageDay, usageByService } from './usage-days.ts'

/** Credits used by day and service: bars for the eye, and the same as a table. */
export function UsageChart({ days }: { readonly days: readonly UsageDay[] }) {
  const services = usageByService(days)
  const top = scaleTop(Math.max(...days.map(({ credits }) => credits)))
  return (
    <figure class="stack">
      <ul class="legend">
        {services.map(({ service, credits }) => (
          <li key={service}>
            <span class={`swatch ${service}`} />
            {serviceName(service)} <span class="quiet">{plural('credits', credits)}</span>
          </li>
        ))}
      </ul>
      <div class="chart" role="img" aria-label={summary(days)}>
        <span class="scale">{number(top)}</span>
        <div class="bars">
          {days.map(({ startMs, credits, byService }) => (
            <div
              key={startMs}
              class="bar"
              title={text('credits_usage_bar', day(startMs), plural('credits', credits))}
            >
              {services.map(({ service }) => (
                <div
                  key={service}
                  class={service}
                  style={{ height: `${(byService[service] / top) * 100}%` }}
                />
              ))}
            </div>
          ))}
        </div>
        <div class="row apart quiet">
          <span>{dayOf(days[0])}</span>
          <span>{dayOf(days.at(-1))}</span>
        </div>
      </div>
      <UsageTable days={days} services={services.map(({ service }) => service)} />
    </figure>
  )
}

const dayOf = (usage: UsageDay | undefined): string => (usage ? day(usage.startMs) : '')

function summary(days: readonly UsageDay[]): string {
  const highest = days.reduce((best, candidate) => (candidate.credits > best.credits ? candidate : best))
  const total = days.reduce((sum, { credits }) => sum + credits, 0)
  return text(
    'credits_usage_chart',
    days.length,
    plural('credits', total),
    day(highest.startMs),
    plural('credits', highest.credits),
  )
}

const UsageTable = (props: {
  readonly days: readonly UsageDay[]
  readonly services: readonly (keyof UsageDay['byService'])[]
}) => (
  <details>
    <summary>{text('credits_usage_table')}</summary>
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">{text('credits_usage_day')}</th>
            {props.services.map(service => (
              <th key={service} scope="col" class="number">
                {serviceName(service)}
              </th>
            ))}
            <th scope="col" class="number">
              {text('credits_usage_total')}
            </th>
          </tr>
        </thead>
        <tbody>
          {props.days
            .filter(({ credits }) => credits > 0)
            .toReversed()
            .map(({ startMs, credits, byService }) => (
              <tr key={startMs}>
                <th scope="row">{day(startMs)}</th>
                {props.services.map(service => (
                  <td key={service} class="number">
                    {number(byService[service])}
                  </td>
                ))}
                <td class="number">{number(credits)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  </details>
)
