import { describe, expect, test } from 'vitest'
import type { Segment, Summary } from '../../../src/contracts/transcription.ts'
import { mostCallsInTurn, summarise } from '../../../src/domain/catchup-summary.ts'
import type { LanguageModel } from '../../../src/domain/ports.ts'
import { FakeLanguageModel, vendorFails } from '../support/fake-vendors.ts'

/** Segments that are lines of 1,000 characters in a prompt, a minute apart. */
const transcript = (characters: number): Segment[] =>
  Array.from({ length: characters / 1_000 }, (_, index) => ({
    start_ms: index * 60_000,
    end_ms: index * 60_000 + 50_000,
    text: 'x'.repeat(1_000 - `[${index * 60_000}] \n`.length),
  }))

/** Sums a part up by its first line, and the whole by its notes; keeps what it was asked. */
class NotingModel extends FakeLanguageModel {
  readonly parts: (readonly Segment[])[] = []
  notes: Summary['points'] | undefined
  atOnce = 0
  mostAtOnce = 0
  /** How often a call began while no other was under way. */
  turns = 0

  override async summarise(segments: readonly Segment[]): Promise<Summary> {
    this.parts.push(segments)
    if (this.atOnce === 0) this.turns += 1
    this.atOnce += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce)
    await new Promise(resolve => setImmediate(resolve))
    this.atOnce -= 1
    const at_ms = segments[0]?.start_ms ?? 0
    return {
      headline: 'A part.',
      points: [
        { at_ms: at_ms + 60_000, text: `Later than ${at_ms}.` },
        { at_ms, text: `From ${at_ms}.` },
        { at_ms: 77, text: 'Invented.' },
      ],
    }
  }

  override async summariseNotes(notes: Summary['points']): Promise<Summary> {
    this.notes = notes
    return { headline: 'The whole.', points: [...notes.toReversed(), { at_ms: 78, text: 'Invented.' }] }
  }
}

const sum = (model: LanguageModel, characters: number) => summarise(model, transcript(characters), 'user-1')

test('a transcript of an hour is read at once', async () => {
  const model = new NotingModel()
  expect((await sum(model, 50_000)).headline).toBe('A part.')
  expect(model.parts).toHaveLength(1)
  expect(model.notes).toBeUndefined()
})

describe('a longer transcript', () => {
  test('is read by parts, cut between segments, in order and about equally long', async () => {
    const model = new NotingModel()
    await sum(model, 120_000)
    expect(model.parts.map(part => part.length)).toEqual([40, 40, 40])
    expect(model.parts.flat()).toEqual(transcript(120_000))
  })

  test.each([51_000, 120_000, 199_000, 251_000, 300_000])(
    'of %i characters has the fewest parts, three of them read at once',
    async characters => {
      const model = new NotingModel()
      await sum(model, characters)
      expect(model.parts).toHaveLength(Math.ceil(characters / 50_000))
      expect(model.mostAtOnce).toBe(Math.min(3, model.parts.length))
    },
  )

  test('is summed up from what its parts say, each note and point with a time that there is', async () => {
    const model = new NotingModel()
    const summary = await sum(model, 51_000)
    const notes = [
      { at_ms: 0, text: 'From 0.' },
      { at_ms: 60_000, text: 'Later than 0.' },
      { at_ms: 26 * 60_000, text: 'From 1560000.' },
      { at_ms: 27 * 60_000, text: 'Later than 1560000.' },
    ]
    expect(model.notes).toEqual(notes)
    expect(summary).toEqual({ headline: 'The whole.', points: notes })
  })

  test('whose points cite only another part is a failure', async () => {
    const model = new FakeLanguageModel()
    model.nextSummary = { headline: 'A part.', points: [{ at_ms: 77, text: 'Invented.' }] }
    await expect(sum(model, 51_000)).rejects.toMatchObject({ name: 'UpstreamError', kind: 'failed' })
    expect(model.calls).toBe(2)
  })

  test('of which one part fails, fails', async () => {
    const model = new FakeLanguageModel()
    model.nextSummary = vendorFails()
    await expect(sum(model, 51_000)).rejects.toMatchObject({ name: 'UpstreamError' })
  })
})

test.each([51_000, 300_000, 301_000, 1_200_000])(
  'a transcript of %i characters takes no more turns than the worker has time for, and all of it is read',
  async characters => {
    const model = new NotingModel()
    await sum(model, characters)
    expect(model.turns + 1).toBeLessThanOrEqual(mostCallsInTurn)
    expect(model.parts.flat()).toEqual(transcript(characters))
  },
)

test('what stands around the words counts: ten thousand letters, each with its time and speaker, are three parts', async () => {
  const model = new NotingModel()
  const segments = Array.from({ length: 10_000 }, (_, index) => {
    const start_ms = 100_000 + index
    return { start_ms, end_ms: start_ms, text: 'a', speaker: 'b' }
  })
  await summarise(model, segments, 'user-1')
  expect(model.parts).toHaveLength(Math.ceil((10_000 * '[100000] b: a\n'.length) / 50_000))
})
