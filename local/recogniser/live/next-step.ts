import { SAMPLE_RATE_HZ } from '../decode.ts'
import type { Piece } from '../pieces.ts'
import { type Span, softestSample } from '../voice-activity.ts'

/**
 * What is to be done with what has been heard of a stream. `listen`: recognise a piece that still grows.
 * `settle`: recognise a piece that has come to its end, and with it perhaps the turn. `end_turn`: nothing was
 * said after the last piece.
 */
export type Step =
  | { kind: 'listen'; piece: Piece }
  | { kind: 'settle'; piece: Piece; endsTurn: boolean }
  | { kind: 'end_turn' }
  | { kind: 'skip'; to: number }

/** How far the work on a stream has come. All positions are in samples from its beginning. */
export type Progress = {
  /** The voiced spans of the sound that is kept. */
  voiced: readonly Span[]
  /** Where the sound ends, or the turn by order. */
  end: number
  /** Whether the turn is to end at `end`, whatever comes. */
  isForced: boolean
  /** Up to here all is settled. */
  settledTo: number
  /** Up to here the growing piece was recognised. */
  listenedTo: number
  /** Where the present turn began; undefined before its first piece is settled. */
  turnStart: number | undefined
  /** How much silence ends a turn. */
  silence: number
}

/** A piece is cut when it gets longer: the longer it is, the longer takes each look at it. */
const LONGEST_PIECE = 6 * SAMPLE_RATE_HZ

/** The earliest place for such a cut. */
const EARLIEST_CUT = 3.5 * SAMPLE_RATE_HZ

/** Somebody who speaks without a pause is given a new turn after this, so that a turn stays small. */
const LONGEST_TURN = 30 * SAMPLE_RATE_HZ

/** How much sound around a piece is heard with it. */
const MARGIN = 0.2 * SAMPLE_RATE_HZ

/** Less voice than this holds no word, so it is not worth a look. */
const SHORTEST_PIECE = 0.3 * SAMPLE_RATE_HZ

/** A growing piece is looked at again after this much new sound. */
const SHORTEST_NEWS = 0.1 * SAMPLE_RATE_HZ

/** The next thing to do, or undefined when there is nothing to do before more sound comes. */
export function nextStep(progress: Progress, samplesFrom: (span: Span) => Float32Array): Step | undefined {
  const { end, isForced, settledTo, silence, turnStart } = progress
  const speech = spansAfter(progress.voiced, settledTo, end)
  const group = untilPause(speech, silence)
  const last = group.at(-1)
  if (!last) return turnStart === undefined ? skipSilence(progress) : endAfterSilence(progress)

  const hasEnded = isForced || group.length < speech.length || end - last.end >= silence
  const cut = cutOf(group, hasEnded ? last.end : end, samplesFrom)
  if (cut !== undefined) {
    const pieceStart = group[0]?.start ?? settledTo
    const endsTurn = cut - (turnStart ?? pieceStart) >= LONGEST_TURN
    return { kind: 'settle', piece: pieceOf(spansBefore(group, cut), settledTo, cut), endsTurn }
  }
  const piece = pieceOf(group, settledTo, Math.min(end, last.end + MARGIN))
  if (hasEnded) return { kind: 'settle', piece, endsTurn: true }
  const isNews = piece.end - Math.max(progress.listenedTo, piece.start) >= SHORTEST_NEWS
  return isNews && voiceOf(group) >= SHORTEST_PIECE ? { kind: 'listen', piece } : undefined
}

/** What was silence may turn out to be the soft beginning of a word, so the last of it is kept. */
function skipSilence({ end, settledTo }: Progress): Step | undefined {
  const to = end - MARGIN
  return to - settledTo >= SHORTEST_NEWS ? { kind: 'skip', to } : undefined
}

function endAfterSilence({ end, isForced, settledTo, silence }: Progress): Step | undefined {
  return isForced || end - settledTo >= silence ? { kind: 'end_turn' } : undefined
}

function spansAfter(spans: readonly Span[], from: number, to: number): Span[] {
  return spans
    .map(span => ({ start: Math.max(span.start, from), end: Math.min(span.end, to) }))
    .filter(span => span.end > span.start)
}

function spansBefore(spans: readonly Span[], position: number): Span[] {
  return spansAfter(spans, 0, position)
}

/** The spans up to the first pause that ends a turn. */
function untilPause(spans: Span[], silence: number): Span[] {
  const next = spans.findIndex(
    (span, index) => index > 0 && span.start - (spans[index - 1]?.end ?? 0) >= silence,
  )
  return next < 0 ? spans : spans.slice(0, next)
}

/** Where a piece that is too long is cut: in its last pause before it was so, or else where it is softest. */
function cutOf(group: Span[], end: number, samplesFrom: (span: Span) => Float32Array): number | undefined {
  const start = group[0]?.start ?? 0
  if (end - start <= LONGEST_PIECE) return undefined
  const [earliest, latest] = [start + EARLIEST_CUT, start + LONGEST_PIECE]
  const pause = group.findLast(span => span.end >= earliest && span.end < latest && span !== group.at(-1))
  if (pause) return Math.round(pause.end + Math.min(MARGIN, (startAfter(group, pause.end) - pause.end) / 2))
  const range = { start: earliest, end: latest }
  const samples = samplesFrom(range)
  return earliest + softestSample(samples, { start: 0, end: samples.length })
}

function startAfter(spans: Span[], position: number): number {
  return spans.find(span => span.start > position)?.start ?? position
}

function pieceOf(voiced: Span[], settledTo: number, end: number): Piece {
  const start = Math.max(settledTo, (voiced[0]?.start ?? settledTo) - MARGIN)
  return { start, end, voiced }
}

function voiceOf(spans: Span[]): number {
  return spans.reduce((sum, span) => sum + span.end - span.start, 0)
}
