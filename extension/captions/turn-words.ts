import type { TurnMessage } from './vendor-message.ts'
import type { SpokenWord } from './word.ts'

/** Maps the vendor's time to session time. */
export type ToSessionMs = (socketMs: number, edge: 'start' | 'end') => number

/**
 * The words of a turn. Of one that is formatted, the text is that of its transcript, whose words can be more or fewer
 * than those that have times: then the times are shared out in order.
 */
export function turnWords(turn: TurnMessage, toSessionMs: ToSessionMs): SpokenWord[] {
  const timed = turn.words.map(({ text, start, end, speaker }) => {
    const label = speaker ?? turn.speaker_label
    return {
      text,
      startMs: toSessionMs(start, 'start'),
      endMs: toSessionMs(end, 'end'),
      ...(label ? { speaker: label } : {}),
    }
  })
  const written = turn.transcript.split(/\s+/).filter(text => text !== '')
  const isWhole = turn.end_of_turn && (turn.turn_is_formatted || timed.length === 0)
  return isWhole && written.length > 0
    ? shareOut(written, timed, toSessionMs)
    : timed.filter(({ text }) => text.trim() !== '')
}

function shareOut(
  written: readonly string[],
  timed: readonly SpokenWord[],
  toSessionMs: ToSessionMs,
): SpokenWord[] {
  const nowMs = toSessionMs(Number.POSITIVE_INFINITY, 'end')
  const ratio = timed.length / written.length
  return written.map((text, index) => {
    const first = timed[Math.floor(index * ratio)]
    const last = timed[Math.max(Math.floor(index * ratio), Math.ceil((index + 1) * ratio) - 1)] ?? first
    if (!first || !last) return { text, startMs: nowMs, endMs: nowMs }
    return { ...first, text, endMs: last.endMs }
  })
}
