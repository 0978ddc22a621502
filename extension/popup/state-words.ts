import type { CaptionState, ProblemView, SessionView } from '../captions/view.ts'
import { duration } from '../ui/format.ts'
import { plural, text } from '../ui/text.ts'

type Ended = Extract<CaptionState, { name: 'ended' }>

/** How a state is meant: as it should be, waiting, in trouble, or over. */
export type Tone = 'good' | 'quiet' | 'warn'

/** The colour of a state's mark. It says nothing that the words don't. */
export function toneOf({ name }: CaptionState): Tone {
  if (name === 'live') return 'good'
  return name === 'reconnecting' ? 'warn' : 'quiet'
}

/**
 * Where captions stand, in words: why they ended, and what they cost once that is known. Empty where the problem that
 * ended them says it all.
 */
export function stateWords({ state }: Pick<SessionView, 'state'>): string {
  switch (state.name) {
    case 'reconnecting':
      return state.bufferedSeconds >= 1
        ? text('popup_state_reconnecting_kept', duration(state.bufferedSeconds))
        : text('popup_state_reconnecting')
    case 'ended':
      return endWords(state)
    default:
      return text(`popup_state_${state.name}`)
  }
}

function endWords({ reason, problem, creditsUsed }: Ended): string {
  const cost = creditsUsed === undefined ? '' : plural('popup_ended_cost', creditsUsed)
  if (reason === 'failed' && problem) return creditsUsed ? `${text('popup_ended')} ${cost}` : ''
  return `${text(`popup_ended_${reason}`)} ${cost}`.trim()
}

/** What is to be told of an end besides its reason. That credits are used up needs no more words. */
export const endProblem = ({ state }: Pick<SessionView, 'state'>): ProblemView | undefined =>
  state.name === 'ended' && state.reason !== 'credits_used_up' ? state.problem : undefined
