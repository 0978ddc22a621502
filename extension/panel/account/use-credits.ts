import { useEffect } from 'preact/hooks'
import type { PriceList } from '../../../src/contracts/credits.ts'
import { storedBalance } from '../../account/stored.ts'
import type { ProblemView } from '../../captions/view.ts'
import { send } from '../../messages/send.ts'
import { useLoaded } from '../../ui/use-loaded.ts'
import { useStored } from '../../ui/use-stored.ts'

/** What there is to spend, and what things cost. */
export interface Credits {
  /** Undefined where it isn't known. */
  readonly available: number | undefined
  readonly rates: PriceList['rates'] | undefined
  /** Why the prices can't be read. */
  readonly ratesProblem: ProblemView | undefined
  readRatesAgain(): void
}

/** The balance as it changes, and the prices. */
export function useCredits(isSignedIn: boolean): Credits {
  const balance = useStored(storedBalance)
  const prices = useLoaded(() => send('account/prices', {}), [])
  useEffect(() => {
    // Where it can't be asked for, the balance as last seen stays.
    if (isSignedIn) void send('account/balance', { refresh: true }).catch(() => undefined)
  }, [isSignedIn])
  return {
    available: isSignedIn ? balance?.value.credits_available : undefined,
    rates: prices.value?.rates,
    ratesProblem: prices.problem,
    readRatesAgain: prices.reload,
  }
}
