import type { TranscriptSegment } from './model.ts'

/** A stretch of a session: milliseconds from its start. */
export interface TranscriptRange {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * The last minutes of what was said, or all of it. It ends with the last segment, so that what is said later lies
 * outside: who asks again about the same range asks about the same words.
 *
 * @param segments in order
 * @param minutes back from the last segment's end, or from `nowMs`
 * @param nowMs from the session's start
 */
export function lastMinutes(
  segments: readonly TranscriptSegment[],
  minutes: number | 'all',
  nowMs?: number,
): TranscriptRange {
  const toMs = Math.max(0, ...segments.slice(-1).map(segment => segment.endMs))
  if (minutes === 'all') return { fromMs: 0, toMs }
  const fromMs = (nowMs ?? toMs) - minutes * 60_000
  return { fromMs: Math.min(toMs, Math.max(0, fromMs)), toMs }
}

/** Segments that overlap a range or lie in it, whole. */
export const segmentsWithin = (
  segments: readonly TranscriptSegment[],
  { fromMs, toMs }: TranscriptRange,
): TranscriptSegment[] =>
  segments.filter(
    ({ startMs, endMs }) => (startMs < toMs || endMs <= toMs) && (endMs > fromMs || startMs >= fromMs),
  )
