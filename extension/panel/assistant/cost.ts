import type { PriceList } from '../../../src/contracts/credits.ts'
import type { AssistantRequest } from '../../transcript/model.ts'

type Rates = PriceList['rates']

/** What something costs in credits, at most. */
export interface Cost {
  readonly credits: number
  /** Whether it may be less: a channel's minutes are charged as far as there is sound. */
  readonly atMost: boolean
}

/** What a request costs. */
export function costOf(body: AssistantRequest['body'], rates: Rates): Cost {
  switch (body.kind) {
    case 'ask':
      return { credits: rates.ask_agent.credits, atMost: false }
    case 'catchup_transcript':
      return { credits: rates.catchup.credits, atMost: false }
    case 'catchup_channel':
      return { credits: channelCredits(body.minutes, rates.catchup_channel), atMost: true }
  }
}

const channelCredits = (minutes: number, rate: Rates['catchup_channel']): number =>
  Math.ceil(minutes / rate.per_minutes_begun) * rate.credits

/** Credits that are needed beyond those that are there; undefined where there are enough, or it isn't known. */
export const shortfall = (
  { credits }: Cost,
  available: number | undefined,
): { requiredCredits: number; availableCredits: number } | undefined =>
  available === undefined || available >= credits
    ? undefined
    : { requiredCredits: credits, availableCredits: Math.max(0, available) }
