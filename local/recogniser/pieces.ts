import { SAMPLE_RATE_HZ } from './decode.ts'
import { type Span, softestSample } from './voice-activity.ts'

/** A part of a recording that is recognised in one go, with the voiced spans that lie in it. */
export type Piece = Span & { voiced: Span[] }

/** Moonshine was trained on utterances of up to about 30 s; it keeps well to the text up to half of that. */
const LONGEST_PIECE_SAMPLES = 15 * SAMPLE_RATE_HZ

/** Where nobody speaks for this long, one utterance has ended. */
const LONGEST_PAUSE_SAMPLES = 1 * SAMPLE_RATE_HZ

/** How much of the pause around a piece is heard with it. */
const MARGIN_SAMPLES = 0.2 * SAMPLE_RATE_HZ

/**
 * Cuts a recording into pieces of at most about 15 s, always in a pause and in the longest ones first. Only
 * speech that goes on without any pause is cut inside, where it is softest.
 */
export function cutIntoPieces(samples: Float32Array, voiced: Span[]): Piece[] {
  const spans = voiced.flatMap(span => cutLongSpan(samples, span))
  const groups = cutInPauses(spans)
  return groups.map((group, index) => ({
    start: marginBefore(group, groups[index - 1]),
    end: marginAfter(group, groups[index + 1], samples.length),
    voiced: group,
  }))
}

function cutLongSpan(samples: Float32Array, span: Span): Span[] {
  const parts: Span[] = []
  let { start } = span
  while (span.end - start > LONGEST_PIECE_SAMPLES) {
    const middle = softestSample(samples, {
      start: start + Math.round((LONGEST_PIECE_SAMPLES * 2) / 3),
      end: start + LONGEST_PIECE_SAMPLES,
    })
    parts.push({ start, end: middle })
    start = middle
  }
  return [...parts, { start, end: span.end }]
}

function cutInPauses(spans: Span[]): Span[][] {
  const pending = spans.length > 0 ? [spans] : []
  const groups: Span[][] = []
  for (let group = pending.pop(); group; group = pending.pop()) {
    const cut = longestPause(group)
    if (fitsInOnePiece(group, cut.pause)) groups.push(group)
    else pending.push(group.slice(cut.index), group.slice(0, cut.index))
  }
  return groups
}

function fitsInOnePiece(group: Span[], longestPauseSamples: number): boolean {
  const length = (group.at(-1)?.end ?? 0) - (group[0]?.start ?? 0)
  return (
    group.length === 1 || (length <= LONGEST_PIECE_SAMPLES && longestPauseSamples <= LONGEST_PAUSE_SAMPLES)
  )
}

/** The index of the span after the longest pause of a group, and that pause's length in samples. */
function longestPause(group: Span[]): { index: number; pause: number } {
  let longest = { index: 1, pause: -1 }
  for (let index = 1; index < group.length; index++) {
    const pause = (group[index]?.start ?? 0) - (group[index - 1]?.end ?? 0)
    if (pause > longest.pause) longest = { index, pause }
  }
  return longest
}

function marginBefore(group: Span[], previous: Span[] | undefined): number {
  const start = group[0]?.start ?? 0
  const pause = start - (previous?.at(-1)?.end ?? 0)
  return Math.round(start - Math.min(MARGIN_SAMPLES, previous ? pause / 2 : pause))
}

function marginAfter(group: Span[], next: Span[] | undefined, lengthSamples: number): number {
  const end = group.at(-1)?.end ?? 0
  const pause = (next?.[0]?.start ?? lengthSamples) - end
  return Math.round(end + Math.min(MARGIN_SAMPLES, next ? pause / 2 : pause))
}
