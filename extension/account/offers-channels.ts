import type { PriceList } from '../../src/contracts/credits.ts'

/** Whether the service catches up on Twitch's channels; where its prices aren't known, it is taken to. */
export const offersChannels = (prices: PriceList | undefined): boolean =>
  !prices?.not_offered?.includes('catchup_channel')
