import { SAMPLE_RATE_HZ } from '../decode.ts'
import type { Piece } from '../pieces.ts'
import { levelDb, QUIET_SAMPLES, quietestPlace, type Span } from '../voice-activity.ts'

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

/**
 * Speech that goes on is cut into pieces, as each look takes longer the longer the piece is. A piece of the first
 * length is cut only where it gets as good as silent, and it gets less choosy from there: at the second length
 * any place will do.
 */
const CUT_FROM = 3 * SAMPLE_RATE_HZ
const CUT_BY = 7 * SAMPLE_RATE_HZ
const SILENT_DB = 25

/** Somebody who speaks without a pause is given a new turn after this, so that a turn stays small. */
const LONGEST_TURN = 30 * SAMPLE_RATE_HZ

/** How much sound around a piece is heard with it. */
const MARGIN = 0.2 * SAMPLE_RATE_HZ

/** Less voice than this holds no word, so it is not worth a look. */
const SHORTEST_PIECE = 0.3 * SAMPLE_RATE_HZ

/** A growing piece is looked at again after this much new sound: looking more often costs much and shows little. */
const SHORTEST_NEWS = 0.25 * SAMPLE_RATE_HZ

/** The next thing to do, or undefined when there is nothing to do before more sound comes. */
export function nextStep(progress: Progress, samplesFrom: (span: Span) => Float32Array): Step | undefined {
  const { end, isForced, settledTo, silence, turnStart } = progress
  const speech = spansAfter(progress.voiced, settledTo, end)
  const group = untilPause(speech, silence, progress.listenedTo)
  const last = group.at(-1)
  if (!last) return turnStart === undefined ? skipSilence(progress) : endAfterSilence(progress)

  const hasEnded = isForced || group.length < speech.length || end - last.end >= silence
  const start = group[0]?.start ?? settledTo
  const cut = cutOf({ start, end: last.end }, progress.listenedTo, samplesFrom)
  if (cut !== undefined) {
    const endsTurn = cut - (turnStart ?? start) >= LONGEST_TURN
    return { kind: 'settle', piece: pieceOf(spansAfter(group, 0, cut), settledTo, cut), endsTurn }
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

/**
 * The spans up to the first pause that ends a turn. A pause before which words may be final that were spoken after
 * it comes too late: what is background is judged anew as the sound goes on.
 */
function untilPause(spans: Span[], silence: number, listenedTo: number): Span[] {
  const next = spans.findIndex((span, index) => {
    const pauseStart = spans[index - 1]?.end ?? span.start
    return span.start - pauseStart >= silence && span.start >= listenedTo
  })
  return next < 0 ? spans : spans.slice(0, next)
}

/**
 * Where a piece of some length is cut, if there is a good place. Only what was not listened to yet is looked at:
 * of the rest, words may be final that a cut would tear off.
 */
function cutOf(
  { start, end }: Span,
  listenedTo: number,
  samplesFrom: (span: Span) => Float32Array,
): number | undefined {
  const from = Math.max(listenedTo, start + CUT_FROM)
  const to = Math.min(end, start + CUT_BY)
  if (to - from < QUIET_SAMPLES) return undefined
  const quietest = quietestPlace(samplesFrom({ start: from, end: to }))
  const quietDb = levelDb(samplesFrom({ start, end: to })) - quietest.levelDb
  const length = from + quietest.position - start
  const neededDb = (SILENT_DB * (CUT_BY - length)) / (CUT_BY - CUT_FROM)
  return end - start >= CUT_BY || quietDb >= neededDb ? from + quietest.position : undefined
}

function pieceOf(voiced: Span[], settledTo: number, end: number): Piece {
  const start = Math.max(settledTo, (voiced[0]?.start ?? settledTo) - MARGIN)
  return { start, end, voiced }
}

function voiceOf(spans: Span[]): number {
  return spans.reduce((sum, span) => sum + span.end - span.start, 0)
}
