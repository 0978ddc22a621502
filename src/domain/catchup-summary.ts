import type { Segment, Summary } from '../contracts/transcription.ts'
import { UpstreamError } from './errors.ts'
import type { LanguageModel } from './ports.ts'

/**
 * About an hour of talk, or 12,500 tokens: a small model reads it well within its time limit, and cites from all of
 * it and not from its ends alone.
 */
const charactersAtOnce = 50_000
const fewestAtOnce = 3
/** However many parts there are, as many of them are read at once as leaves no more than two turns. */
const mostTurns = 2

/** How many of the model's calls wait for one another, at most: the parts' turns, and then the whole. */
export const mostCallsInTurn = mostTurns + 1

/** As long as a segment's line is in a prompt, its start and its speaker included. */
const charactersOf = ({ start_ms, text, speaker }: Segment): number =>
  `[${start_ms}] `.length + (speaker === undefined ? 0 : speaker.length + 2) + text.length + 1

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
  const atOnce = Math.max(fewestAtOnce, Math.ceil(parts.length / mostTurns))
  for (let next = 0; next < parts.length; next += atOnce) {
    const batch = parts.slice(next, next + atOnce)
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
