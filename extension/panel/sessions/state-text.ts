import type { CaptionState } from '../../captions/view.ts'
import { duration } from '../../ui/format.ts'
import { problemText } from '../../ui/problem-text.ts'
import { plural, text } from '../../ui/text.ts'

/** Reasons that say little by themselves: what went wrong says more. */
const explainedByProblem: ReadonlySet<string> = new Set(['failed', 'no_sound'])

/** Where captions stand in a sentence; empty where one word says it. */
export function stateSentence(state: CaptionState): string {
  switch (state.name) {
    case 'starting':
    case 'live':
    case 'stopping':
      return ''
    case 'paused':
      return text('panel_paused')
    case 'reconnecting':
      return state.bufferedSeconds > 0
        ? text('panel_reconnecting_kept', duration(state.bufferedSeconds))
        : text('panel_reconnecting')
    case 'ended':
      return endSentence(state)
  }
}

function endSentence({ reason, problem, creditsUsed }: Extract<CaptionState, { name: 'ended' }>): string {
  const why = problem && explainedByProblem.has(reason) ? problemText(problem) : text(`panel_ended_${reason}`)
  return creditsUsed === undefined ? why : `${why} ${plural('panel_used', creditsUsed)}`
}

/** How a state is coloured. */
export function stateTone({ name }: CaptionState): '' | 'good' | 'warn' {
  if (name === 'live') return 'good'
  return name === 'reconnecting' ? 'warn' : ''
}
