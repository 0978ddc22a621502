import { useEffect } from 'preact/hooks'
import type { PriceList } from '../../../src/contracts/credits.ts'
import { offersChannels } from '../../account/offers-channels.ts'
import { storedBalance } from '../../account/stored.ts'
import type { ProblemView } from '../../captions/view.ts'
import { send } from '../../messages/send.ts'
import { useLoaded } from '../../ui/use-loaded.ts'
import { useStored } from '../../ui/use-stored.ts'
import { type Cost, shortfall } from '../assistant/cost.ts'

/** What there is to spend, and what things cost. */
export interface Credits {
  /** Undefined where it isn't known. */
  readonly available: number | undefined
  readonly rates: PriceList['rates'] | undefined
  readonly offersChannels: boolean
  /** Why the prices can't be read. */
  readonly ratesProblem: ProblemView | undefined
  readRatesAgain(): void
  /** Whether there are enough; where there seem not to be, the balance is asked for anew. @throws {Problem} */
  suffice(cost: Cost): Promise<boolean>
}

/** The balance as it changes, and the prices. */
export function useCredits(isSignedIn: boolean): Credits {
  const balance = useStored(storedBalance)
  const prices = useLoaded(() => send('account/prices', {}), [])
  useEffect(() => {
    // Where it can't be asked for, the balance as last seen stays.
    if (isSignedIn) void send('account/balance', { refresh: true }).catch(() => undefined)
  }, [isSignedIn])
  const available = isSignedIn ? balance?.value.credits_available : undefined
  return {
    available,
    suffice: async cost => {
      if (shortfall(cost, available) === undefined) return true
      const fresh = await send('account/balance', { refresh: true })
      return shortfall(cost, fresh.credits_available) === undefined
    },
    rates: prices.value?.rates,
    offersChannels: offersChannels(prices.value),
    ratesProblem: prices.problem,
    readRatesAgain: prices.reload,
  }
}
