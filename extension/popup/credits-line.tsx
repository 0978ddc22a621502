import { duration, liveSecondsOf } from '../ui/format.ts'
import { plural, text } from '../ui/text.ts'
import type { Snapshot } from './snapshot.ts'

/** The credits, and what they mean in time. */
export function CreditsLine({ balance, rates }: Pick<Snapshot, 'balance' | 'rates'>) {
  if (!balance) return null
  const credits = balance.credits_available
  return (
    <p>
      <strong>{plural('credits', credits)}</strong>
      {rates ? `: ${text('popup_credits_mean', duration(liveSecondsOf(credits, rates)))}` : null}
    </p>
  )
}
