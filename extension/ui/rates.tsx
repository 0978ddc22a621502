import type { PriceList } from '../../src/contracts/credits.ts'
import { duration, number } from './format.ts'
import { plural, text } from './text.ts'

/** What each thing costs in credits. */
export const Rates = ({ rates }: { readonly rates: PriceList['rates'] }) => (
  <ul class="stack tight">
    <li>{captionsRate(rates.live_transcription)}</li>
    <li>
      {text(
        'common_rate_catchup',
        plural('credits', rates.catchup.credits),
        plural('credits', rates.catchup_channel.credits / rates.catchup_channel.per_minutes_begun),
      )}
    </li>
    <li>{text('common_rate_question', plural('credits', rates.ask_agent.credits))}</li>
  </ul>
)

const captionsRate = ({ credits, per_seconds_begun }: PriceList['rates']['live_transcription']): string =>
  text('common_rate_captions', number((credits * 60) / per_seconds_begun), duration(per_seconds_begun))
