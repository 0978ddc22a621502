import type { PriceList } from '../../../src/contracts/credits.ts'
import { send } from '../../messages/send.ts'
import { duration, liveSecondsOf, price } from '../../ui/format.ts'
import { Rates } from '../../ui/rates.tsx'
import { formatLanguage, plural, text } from '../../ui/text.ts'
import { useLoaded } from '../../ui/use-loaded.ts'

/** What captions cost, from the price list in force. */
export function Costs() {
  const prices = useLoaded(() => send('account/prices', {}), [])
  return (
    <section class="stack">
      <h2>{text('welcome_costs_heading')}</h2>
      <p>{text('welcome_costs_prepaid')}</p>
      {prices.value ? <Prices prices={prices.value} /> : null}
      {prices.problem ? <p class="quiet">{text('welcome_costs_unknown')}</p> : null}
    </section>
  )
}

const Prices = ({ prices }: { readonly prices: PriceList }) => (
  <>
    <Rates prices={prices} />
    {prices.signup_bonus > 0 ? (
      <p>
        {text(
          'welcome_costs_bonus',
          plural('credits', prices.signup_bonus),
          duration(liveSecondsOf(prices.signup_bonus, prices.rates)),
        )}
      </p>
    ) : null}
    {prices.packages.length > 0 ? <p>{text('welcome_costs_packs', packs(prices))}</p> : null}
  </>
)

/** As "500 credits for $2.99, 2,000 credits for $9.99, or 5,000 credits for $19.99". */
const packs = ({ packages, currency }: PriceList): string =>
  new Intl.ListFormat(formatLanguage(), { type: 'disjunction' }).format(
    packages.map(({ credits, price_cents }) =>
      text('welcome_costs_pack', plural('credits', credits), price(price_cents, currency)),
    ),
  )
