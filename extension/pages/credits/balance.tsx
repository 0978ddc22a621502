import type { ComponentChildren } from 'preact'
import type { BalanceResponse, PriceList } from '../../../src/contracts/credits.ts'
import { day, duration, liveSecondsOf } from '../../ui/format.ts'
import { plural, text } from '../../ui/text.ts'

/** What there is to spend, and what that means in time. */
export const Balance = (props: {
  readonly value: BalanceResponse | undefined
  readonly rates: PriceList['rates'] | undefined
  readonly problem: ComponentChildren
}) => (
  <section class="stack" aria-labelledby="balance">
    <h2 id="balance" class="visually-hidden">
      {text('credits_balance_heading')}
    </h2>
    {props.value ? <Amounts balance={props.value} rates={props.rates} /> : null}
    {props.problem}
  </section>
)

function Amounts(props: {
  readonly balance: BalanceResponse
  readonly rates: PriceList['rates'] | undefined
}) {
  const { credits_available, credits_balance, credits_held, grants } = props.balance
  return (
    <div class="card stack">
      <p class="stack tight">
        <strong class="balance">{plural('credits', Math.max(0, credits_available))}</strong>
        {props.rates && credits_balance >= 0 ? (
          <span>{text('credits_balance_time', duration(liveSecondsOf(credits_available, props.rates)))}</span>
        ) : null}
      </p>
      {credits_balance < 0 ? (
        <p class="problem">{text('credits_balance_debt', plural('credits', -credits_balance))}</p>
      ) : null}
      {credits_held > 0 ? <p class="quiet">{plural('credits_balance_held', credits_held)}</p> : null}
      {grants.length > 0 ? <Grants grants={grants} /> : null}
    </div>
  )
}

const Grants = ({ grants }: Pick<BalanceResponse, 'grants'>) => (
  <div class="quiet">
    <p>{text('credits_balance_grants')}</p>
    <ul>
      {grants.map(({ credits, expires_at, source }) => (
        <li key={`${source} ${expires_at}`}>
          {text('credits_balance_grant', plural('credits', credits), day(Date.parse(expires_at)))}
        </li>
      ))}
    </ul>
  </div>
)
