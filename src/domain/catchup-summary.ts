import type { Segment, Summary } from '../contracts/transcription.ts'
import { UpstreamError } from './errors.ts'
import type { LanguageModel } from './ports.ts'

/**
 * About an hour of talk, or 12,500 tokens: a small model reads it well within its time limit, and cites from all of
 * it and not from its ends alone.
 */
const charactersAtOnce = 50_000
const partsAtOnce = 3

/** How many of the model's calls wait for one another, at most, for a transcript of this length. */
export const callsInTurn = (characters: number): number => {
  const parts = Math.ceil(characters / charactersAtOnce)
  return parts <= 1 ? 1 : Math.ceil(parts / partsAtOnce) + 1
}

const charactersOf = ({ text, speaker = '' }: Segment): number => text.length + speaker.length

/** Cuts a transcript between segments into the fewest parts, about equally long. */
const partsOf = (segments: readonly Segment[]): Segment[][] => {
  const total = segments.reduce((sum, segment) => sum + charactersOf(segment), 0)
  const wanted = total / Math.ceil(total / charactersAtOnce)
  const parts: Segment[][] = []
  let characters = 0
  for (const segment of segments) {
    const isFull = characters >= wanted * parts.length
    if (isFull) parts.push([segment])
    else parts.at(-1)?.push(segment)
    characters += charactersOf(segment)
  }
  return parts
}

type Points = Summary['points']

/** Points cite where they were said: one that cites nothing that there is is left out, the rest stand in the order of time. */
const cited = (points: Points, starts: Iterable<number>): Points => {
  const known = new Set(starts)
  return points.filter(point => known.has(point.at_ms)).sort((a, b) => a.at_ms - b.at_ms)
}

const checked = ({ headline, points }: Summary, starts: Iterable<number>): Summary => {
  const kept = cited(points, starts)
  if (kept.length === 0) throw new UpstreamError('language model', 'failed')
  return { headline, points: kept }
}

const startsOf = (segments: readonly Segment[]): number[] => segments.map(({ start_ms }) => start_ms)

const notesOn = async (
  model: LanguageModel,
  parts: readonly Segment[][],
  userId: string,
): Promise<Points> => {
  const notes: Points = []
  for (let next = 0; next < parts.length; next += partsAtOnce) {
    const batch = parts.slice(next, next + partsAtOnce)
    const summaries = await Promise.all(
      batch.map(async part => cited((await model.summarise(part, userId)).points, startsOf(part))),
    )
    notes.push(...summaries.flat())
  }
  return notes
}

/**
 * Summarises a transcript; a long one by parts, and then those as a whole.
 * @throws {UpstreamError} also where no point cites anything that was said
 */
export const summarise = async (
  model: LanguageModel,
  segments: readonly Segment[],
  userId: string,
): Promise<Summary> => {
  const parts = partsOf(segments)
  if (parts.length === 1) return checked(await model.summarise(segments, userId), startsOf(segments))
  const notes = await notesOn(model, parts, userId)
  if (notes.length === 0) throw new UpstreamError('language model', 'failed')
  const whole = await model.summariseNotes(notes, userId)
  return checked(
    whole,
    notes.map(({ at_ms }) => at_ms),
  )
}
