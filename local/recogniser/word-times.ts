import { SAMPLE_RATE_HZ } from './decode.ts'
import type { Span } from './voice-activity.ts'

/** When a word is spoken, in milliseconds from the start of the recording. */
export type WordTime = { start_ms: number; end_ms: number }

/**
 * Estimates when each word of a piece is spoken. The model gives no times, so this goes by length: the voiced
 * time of the piece is shared out in proportion to the words' letters (and one for the join), in order. A word
 * whose share would run across a pause is kept to the side of it where the larger part lies.
 *
 * The first word's start and the last word's end are as good as the voice activity detection (some 50 ms);
 * between them a word can be off by a few hundred milliseconds.
 *
 * @param words the words in order
 * @param voiced the voiced spans of their piece, in order, as sample indexes of the whole recording
 */
export function estimateWordTimes(words: readonly string[], voiced: readonly Span[]): WordTime[] {
  const voicedSamples = voiced.reduce((sum, span) => sum + span.end - span.start, 0)
  const weights = words.map(word => word.length + 1)
  const totalWeight = weights.reduce((sum, weight) => sum + weight, 0)

  let passed = 0
  return weights.map(weight => {
    const start = (passed / totalWeight) * voicedSamples
    passed += weight
    return keptToOneSpan({ start, end: (passed / totalWeight) * voicedSamples }, voiced)
  })
}

/** Maps a stretch of voiced time (pauses not counted) to the recording. */
function keptToOneSpan(share: Span, voiced: readonly Span[]): WordTime {
  let best = { overlap: -1, start: 0, end: 0 }
  let voicedBefore = 0
  for (const span of voiced) {
    const length = span.end - span.start
    const from = Math.max(0, share.start - voicedBefore)
    const to = Math.min(length, share.end - voicedBefore)
    if (to - from > best.overlap)
      best = { overlap: to - from, start: span.start + from, end: span.start + to }
    voicedBefore += length
  }
  return { start_ms: milliseconds(best.start), end_ms: milliseconds(best.end) }
}

function milliseconds(sample: number): number {
  return Math.round((sample / SAMPLE_RATE_HZ) * 1000)
}
