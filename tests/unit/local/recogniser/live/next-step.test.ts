import { expect, test } from 'vitest'
import { nextStep, type Progress } from '../../../../../local/recogniser/live/next-step.ts'
import type { Span } from '../../../../../local/recogniser/voice-activity.ts'

const RATE = 16_000
const seconds = (start: number, end: number): Span => ({ start: start * RATE, end: end * RATE })

/** A steady sound but for a quieter stretch. */
const soundWith = (quiet: Span, level: number) => (span: Span) =>
  Float32Array.from({ length: span.end - span.start }, (_, index) => {
    const position = span.start + index
    const isQuiet = position >= quiet.start && position < quiet.end
    return (position % 2 ? 1 : -1) * (isQuiet ? level : 0.5)
  })
const steady = soundWith(seconds(0, 0), 0)

function step(changes: Partial<Progress>, samplesFrom = steady) {
  const progress: Progress = {
    voiced: [],
    end: 0,
    isForced: false,
    settledTo: 0,
    listenedTo: 0,
    turnStart: undefined,
    silence: 0.5 * RATE,
    ...changes,
  }
  return nextStep(progress, samplesFrom)
}

test('silence is skipped, but for the last of it, in which a word may begin', () => {
  expect(step({ end: 3 * RATE })).toEqual({ kind: 'skip', to: 2.8 * RATE })
  expect(step({ end: 3 * RATE, settledTo: 2.8 * RATE, listenedTo: 2.8 * RATE })).toBeUndefined()
})

test('too little voice is not worth a look', () => {
  expect(step({ voiced: [seconds(1, 1.2)], end: 1.3 * RATE })).toBeUndefined()
})

test('speech that goes on is listened to from a little before it, and again when there is more', () => {
  const voiced = [seconds(1, 2)]
  const piece = { start: 0.8 * RATE, end: 2 * RATE, voiced }
  expect(step({ voiced, end: 2 * RATE })).toEqual({ kind: 'listen', piece })
  expect(step({ voiced, end: 2 * RATE, listenedTo: 1.9 * RATE })).toBeUndefined()
  expect(step({ voiced, end: 2 * RATE, listenedTo: 1.7 * RATE })).toEqual({ kind: 'listen', piece })
})

test('a short silence is no news and no end', () => {
  expect(step({ voiced: [seconds(1, 2)], end: 2.4 * RATE, listenedTo: 2.2 * RATE })).toBeUndefined()
})

test('enough silence settles the piece and ends the turn', () => {
  const voiced = [seconds(1, 2)]
  expect(step({ voiced, end: 2.5 * RATE, listenedTo: 2.2 * RATE })).toEqual({
    kind: 'settle',
    piece: { start: 0.8 * RATE, end: 2.2 * RATE, voiced },
    endsTurn: true,
  })
})

test('so does a pause that is already over, and what comes after it is left for later', () => {
  expect(step({ voiced: [seconds(1, 2), seconds(2.6, 3)], end: 3 * RATE, listenedTo: 2 * RATE })).toEqual({
    kind: 'settle',
    piece: { start: 0.8 * RATE, end: 2.2 * RATE, voiced: [seconds(1, 2)] },
    endsTurn: true,
  })
})

test('but not when what comes after it was listened to already', () => {
  const voiced = [seconds(1, 2), seconds(2.6, 3.5)]
  expect(step({ voiced, end: 3.5 * RATE, listenedTo: 3 * RATE })).toEqual({
    kind: 'listen',
    piece: { start: 0.8 * RATE, end: 3.5 * RATE, voiced },
  })
})

test('the turn ends by order where the sound ends', () => {
  const voiced = [seconds(1, 2)]
  expect(step({ voiced, end: 2 * RATE, isForced: true })).toEqual({
    kind: 'settle',
    piece: { start: 0.8 * RATE, end: 2 * RATE, voiced },
    endsTurn: true,
  })
  expect(step({ end: 2 * RATE, settledTo: 2 * RATE, turnStart: RATE, isForced: true })).toEqual({
    kind: 'end_turn',
  })
})

test('after a cut, silence ends the turn without anything more being said', () => {
  const cut = { settledTo: 5 * RATE, listenedTo: 5 * RATE, turnStart: RATE }
  expect(step({ ...cut, end: 5.4 * RATE })).toBeUndefined()
  expect(step({ ...cut, end: 5.5 * RATE })).toEqual({ kind: 'end_turn' })
})

test('long speech is cut where it is silent', () => {
  const voiced = [seconds(0, 4)]
  const sound = soundWith(seconds(3.5, 3.7), 0.001)
  const cut = step({ voiced, end: 4 * RATE, listenedTo: 3.4 * RATE }, sound)
  expect(cut).toMatchObject({ kind: 'settle', endsTurn: false, piece: { start: 0 } })
  const end = cut?.kind === 'settle' ? cut.piece.end / RATE : Number.NaN
  expect(end).toBeGreaterThan(3.5)
  expect(end).toBeLessThan(3.7)
})

test.each([
  ['short speech', seconds(0, 2.8), 2, seconds(2.2, 2.5), 0.001],
  ['a place that is only a little quieter', seconds(0, 4), 3.4, seconds(3.5, 3.7), 0.3],
  ['a place that was listened to already', seconds(0, 4), 3.7, seconds(3.5, 3.7), 0.001],
])('%s is not cut', (_what, span, listenedTo, quiet, level) => {
  const next = step({ voiced: [span], end: span.end, listenedTo: listenedTo * RATE }, soundWith(quiet, level))
  expect(next?.kind).toBe('listen')
})

test('speech without any quiet place is cut at 7 s, and a new turn begins after 30 s', () => {
  const speech = { voiced: [seconds(0, 40)], silence: RATE }
  const early = step({ ...speech, end: 7.1 * RATE, listenedTo: 6.8 * RATE })
  expect(early).toMatchObject({ kind: 'settle', endsTurn: false })
  const late = step({
    ...speech,
    end: 37.1 * RATE,
    settledTo: 30 * RATE,
    listenedTo: 36.8 * RATE,
    turnStart: 0,
  })
  expect(late).toMatchObject({ kind: 'settle', endsTurn: true, piece: { start: 30 * RATE } })
})

test('sound that has waited is taken up in pieces of no more than 7 s', () => {
  const next = step({ voiced: [seconds(0, 30)], end: 30 * RATE })
  expect(next?.kind).toBe('settle')
  const piece = next?.kind === 'settle' ? next.piece : undefined
  expect(piece?.end).toBeLessThanOrEqual(7 * RATE)
  expect(piece?.end).toBeGreaterThan(3 * RATE)
})
