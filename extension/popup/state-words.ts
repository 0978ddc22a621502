import type { CaptionState, SessionView } from '../captions/view.ts'
import { duration } from '../ui/format.ts'
import { plural, text } from '../ui/text.ts'

/** How a state is meant: as it should be, waiting, in trouble, or over. */
export type Tone = 'good' | 'quiet' | 'warn'

/** The colour of a state's mark. It says nothing that the words don't. */
export function toneOf({ name }: CaptionState): Tone {
  if (name === 'live') return 'good'
  return name === 'reconnecting' ? 'warn' : 'quiet'
}

/** Where captions stand, in words: why they ended, and what they cost once that is known. */
export function stateWords({ state }: Pick<SessionView, 'state'>): string {
  switch (state.name) {
    case 'reconnecting':
      return state.bufferedSeconds >= 1
        ? text('popup_state_reconnecting_kept', duration(state.bufferedSeconds))
        : text('popup_state_reconnecting')
    case 'ended': {
      const why = text(`popup_ended_${state.reason}`)
      return state.creditsUsed === undefined ? why : `${why} ${plural('popup_ended_cost', state.creditsUsed)}`
    }
    default:
      return text(`popup_state_${state.name}`)
  }
}
