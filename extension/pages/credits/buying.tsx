import type { BalanceResponse, PriceList } from '../../../src/contracts/credits.ts'
import type { Api } from '../../api/client.ts'
import { duration, liveSecondsOf, price } from '../../ui/format.ts'
import { LoadProblem } from '../../ui/load-problem.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { Rates } from '../../ui/rates.tsx'
import { plural, text } from '../../ui/text.ts'
import type { Loaded } from '../../ui/use-loaded.ts'
import { useTask } from '../../ui/use-task.ts'
import { buyPack } from './checkout.ts'
import type { Choice } from './purchase.ts'
import { PurchaseNote } from './purchase-note.tsx'
import { usePurchase } from './use-purchase.ts'

type Pack = PriceList['packages'][number]

/** The packs, and how the purchase of one stands. */
export function Buying(props: {
  readonly api: Api | undefined
  /** Of who is signed in: nobody else can buy. */
  readonly email: string | undefined
  readonly prices: Loaded<PriceList>
  readonly balance: BalanceResponse | undefined
}) {
  const { api, email, prices, balance } = props
  const purchase = usePurchase(api, email, balance?.total_credits_purchased)
  const buying = useTask(async (choice: Choice) => {
    if (api) await buyPack(api, choice)
  })
  const buy =
    email === undefined
      ? undefined
      : ({ package_id, name, credits }: Pack) =>
          void buying.run({ email, packageId: package_id, packageName: name, credits })
  return (
    <section class="stack" aria-labelledby="buy">
      <h2 id="buy">{text('credits_buy_heading')}</h2>
      {prices.value ? <Offer prices={prices.value} buy={buy} busy={buying.busy} /> : null}
      <LoadProblem of={prices} />
      <ProblemNote problem={buying.problem} />
      <div role="status">
        {buying.busy ? <p class="card">{text('credits_purchase_opening')}</p> : null}
        {purchase && !buying.busy && !buying.problem ? (
          <PurchaseNote purchase={purchase} creditsAvailable={balance?.credits_available} />
        ) : null}
      </div>
      {prices.value ? (
        <details>
          <summary>{text('credits_buy_costs')}</summary>
          <Rates prices={prices.value} />
        </details>
      ) : null}
    </section>
  )
}

const Offer = (props: {
  readonly prices: PriceList
  /** Absent for somebody who can't. */
  readonly buy: ((pack: Pack) => void) | undefined
  readonly busy: boolean
}) => (
  <>
    <p>{text('credits_buy_prepaid')}</p>
    <Packs {...props} packs={props.prices.packages} priceOf={priceIn(props.prices)} />
    {props.prices.plans.length > 0 ? (
      <>
        <h3>{text('credits_plans_heading')}</h3>
        <Packs
          {...props}
          packs={props.prices.plans}
          priceOf={plan => text('credits_plan_price', priceIn(props.prices)(plan))}
        />
      </>
    ) : null}
  </>
)

const priceIn =
  ({ currency }: PriceList) =>
  (pack: Pack): string =>
    price(pack.price_cents, currency)

const Packs = (props: {
  readonly prices: PriceList
  readonly packs: readonly Pack[]
  readonly priceOf: (pack: Pack) => string
  /** Absent for somebody who can't. */
  readonly buy: ((pack: Pack) => void) | undefined
  readonly busy: boolean
}) => (
  <ul class="packs">
    {props.packs.map(pack => (
      <li key={pack.package_id} class="card stack">
        <h3>{pack.name}</h3>
        <p class="stack tight">
          <strong class="price">{props.priceOf(pack)}</strong>
          <span>{plural('credits', pack.credits)}</span>
          <span class="quiet">
            {text('credits_pack_time', duration(liveSecondsOf(pack.credits, props.prices.rates)))}
          </span>
        </p>
        {props.buy ? (
          <button type="button" class="primary" aria-disabled={props.busy} onClick={() => props.buy?.(pack)}>
            {text('credits_pack_buy', pack.name)}
          </button>
        ) : null}
      </li>
    ))}
  </ul>
)
