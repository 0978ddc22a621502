import { maxTranscriptCharacters, type Segment } from '../../src/contracts/transcription.ts'
import type { TranscriptSegment } from './model.ts'
import { segmentsWithin, type TranscriptRange } from './range.ts'

const maxSegments = 10_000
const maxTextCharacters = 5_000
const maxSpeakerCharacters = 100
const maxMs = 48 * 3_600_000
/** The API takes 900,000 bytes of JSON; this leaves room for a question. */
const maxBytes = 890_000

/** What the API is sent of a transcript. */
export interface Selection {
  /** In order; empty where nothing was said. `start_ms` is the transcript's, so that what is cited is found there. */
  readonly segments: Segment[]
  /** Segments of speech in the range that had no room: the earliest ones. */
  readonly leftOut: number
  /** Where the selection begins; the range's start where nothing was left out. */
  readonly fromMs: number
}

/**
 * What was said in a range, as the API takes it: no gaps, and of too much (300,000 characters are some five hours) the
 * latest that fits. A segment that begins after 48 hours of captions is one that the API can't be sent.
 */
export function selectSegments(segments: readonly TranscriptSegment[], range: TranscriptRange): Selection {
  const said = segmentsWithin(segments, range).filter(isSpeech)
  const room = { segments: maxSegments, characters: maxTranscriptCharacters, bytes: maxBytes }
  const kept: Segment[][] = []
  for (const segment of said.filter(isWithinBounds).reverse()) {
    const parts = partsOf(segment)
    room.segments -= parts.length
    room.characters -= sum(parts.map(part => part.text.length + (part.speaker ?? '').length))
    room.bytes -= sum(parts.map(bytesOf))
    if (Math.min(room.segments, room.characters, room.bytes) < 0) break
    kept.push(parts)
  }
  const selected = kept.reverse().flat()
  const leftOut = said.length - kept.length
  return {
    segments: selected,
    leftOut,
    fromMs: leftOut > 0 ? (selected[0]?.start_ms ?? range.toMs) : range.fromMs,
  }
}

const isSpeech = ({ kind, text }: TranscriptSegment): boolean => kind === 'speech' && text.trim() !== ''

const isWithinBounds = ({ endMs }: TranscriptSegment): boolean => endMs <= maxMs

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

const bytesOf = (segment: Segment): number =>
  new TextEncoder().encode(JSON.stringify(segment)).length + ','.length

/** A segment as the API takes it: one that is too long in several parts, each with its share of the time. */
function partsOf({ startMs, endMs, text, speaker }: TranscriptSegment): Segment[] {
  const texts = cut(text.trim())
  const characters = sum(texts.map(part => part.length))
  const from = Math.max(0, Math.round(startMs))
  const lengthMs = Math.max(0, Math.round(endMs) - from)
  const by = speaker?.trim().slice(0, maxSpeakerCharacters).trim()
  let before = 0
  return texts.map(part => {
    const start_ms = from + Math.round((lengthMs * before) / characters)
    before += part.length
    const end_ms = from + Math.round((lengthMs * before) / characters)
    return { start_ms, end_ms, text: part, ...(by ? { speaker: by } : {}) }
  })
}

/** Cuts a text between words into parts that are not too long; one without spaces anywhere but in a character. */
function cut(text: string): string[] {
  if (text.length <= maxTextCharacters) return [text]
  const space = text.lastIndexOf(' ', maxTextCharacters)
  const at = space > 0 ? space : maxTextCharacters - (isHighSurrogate(text, maxTextCharacters - 1) ? 1 : 0)
  return [text.slice(0, at).trimEnd(), ...cut(text.slice(at).trimStart())]
}

const isHighSurrogate = (text: string, index: number): boolean => /[\uD800-\uDBFF]/.test(text.charAt(index))
