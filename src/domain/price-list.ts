import type { PriceList } from '../contracts/credits.ts'

/** The price list in force. A change is a new version; rows keep the version that priced them. */
export const priceList = {
  price_list_version: '2026-11-22',
  currency: 'usd',
  packages: [
    { package_id: 'starter', name: 'Starter', credits: 500, price_cents: 299 },
    { package_id: 'popular', name: 'Popular', credits: 2_000, price_cents: 999 },
    { package_id: 'power', name: 'Power', credits: 5_000, price_cents: 1_999 },
  ],
  plans: [],
  rates: {
    live_transcription: { credits: 1, per_seconds_begun: 6 },
    clip_transcription: { credits: 1, per_seconds_begun: 6 },
    catchup: { credits: 20 },
    catchup_channel: { credits: 10, per_minutes_begun: 1 },
    ask_agent: { credits: 5 },
  },
  signup_bonus: 200,
} satisfies PriceList

/**
 * The price list as listeners are told it. What is not offered keeps its rate, since older clients insist on one; newer
 * ones see that it is not offered.
 */
export const offeredPrices = ({ offersChannels }: { readonly offersChannels: boolean }): PriceList =>
  offersChannels ? priceList : { ...priceList, not_offered: ['catchup_channel'] }

/** Credits for live captions of this length: by every six seconds begun, and never nothing. */
export const liveCredits = (captionedMs: number): number => {
  const rate = priceList.rates.live_transcription
  return Math.max(1, Math.ceil(captionedMs / (rate.per_seconds_begun * 1_000))) * rate.credits
}

/** Seconds of live captions that this many credits pay for. */
export const liveSeconds = (credits: number): number => {
  const rate = priceList.rates.live_transcription
  return Math.floor(credits / rate.credits) * rate.per_seconds_begun
}

/** Credits for a catch-up on this much of a channel's sound: by every minute begun. */
export const channelCatchupCredits = (audioMs: number): number => {
  const rate = priceList.rates.catchup_channel
  return Math.ceil(audioMs / (rate.per_minutes_begun * 60_000)) * rate.credits
}

/** Credits for a clip of this length: by every six seconds begun, and never nothing. */
export const clipCredits = (audioMs: number): number => {
  const rate = priceList.rates.clip_transcription
  return Math.max(1, Math.ceil(audioMs / (rate.per_seconds_begun * 1_000))) * rate.credits
}
