import type { PriceList } from '../../src/contracts/credits.ts'
import { offersChannels } from '../account/offers-channels.ts'
import { duration, number } from './format.ts'
import { plural, text } from './text.ts'

/** What each thing costs in credits. */
export function Rates({ prices }: { readonly prices: PriceList }) {
  const { rates } = prices
  return (
    <ul class="stack tight">
      <li>{captionsRate(rates.live_transcription)}</li>
      <li>{text('common_rate_catchup', plural('credits', rates.catchup.credits))}</li>
      {offersChannels(prices) ? <li>{channelRate(rates.catchup_channel)}</li> : null}
      <li>{text('common_rate_question', plural('credits', rates.ask_agent.credits))}</li>
    </ul>
  )
}

const channelRate = (rate: PriceList['rates']['catchup_channel']): string =>
  text('common_rate_catchup_channel', plural('credits', rate.credits / rate.per_minutes_begun))

const captionsRate = ({ credits, per_seconds_begun }: PriceList['rates']['live_transcription']): string =>
  text('common_rate_captions', number((credits * 60) / per_seconds_begun), duration(per_seconds_begun))
