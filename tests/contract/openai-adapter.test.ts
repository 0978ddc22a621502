import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Segment } from '../../src/contracts/transcription.ts'
import { summarise } from '../../src/domain/catchup-summary.ts'
import { OpenAiLanguageModel } from '../../src/upstream/openai/language-model.ts'
import { startVendors, type Vendors } from '../support/vendors.ts'

let vendors: Vendors
let model: OpenAiLanguageModel

beforeAll(async () => {
  vendors = await startVendors()
  model = new OpenAiLanguageModel({
    apiKey: 'key',
    baseUrl: vendors.openAiUrl,
    model: 'gpt-6-luna',
    reasoningEffort: 'low',
    timeoutMs: 30_000,
    maxRetries: 0,
    totalTimeoutMs: 30_000,
    pseudonym: id => id,
  })
})

afterAll(() => vendors.close())

const who = ['Mira', 'the host', 'a nurse from Lisbon', 'the other team', 'somebody in the chat']
const what = [
  'won the match on',
  'asked a question about',
  'read a letter about',
  'lost a bet on',
  'laughed at',
]
const about = [
  'the old map',
  'the new keyboard',
  'a tournament in March',
  'the night shift',
  'the price of smoke',
]

/** Two hours of talk: more than is read at once. */
const longTranscript: Segment[] = Array.from({ length: 1_500 }, (_, index) => ({
  start_ms: 3_600_000 + index * 4_800,
  end_ms: 3_600_000 + index * 4_800 + 4_000,
  text: `In minute ${Math.floor(index / 12)} ${who[index % 5]} ${what[(index * 3) % 5]} ${about[(index * 7) % 5]}, and that was round ${index} of it.`,
}))

test('a long transcript is summed up by parts, and its points cite lines that there are', async () => {
  const { headline, points } = await summarise(model, longTranscript, 'user-1')
  expect(headline).not.toBe('')
  expect(points.length).toBeGreaterThanOrEqual(3)
  const starts = new Set(longTranscript.map(({ start_ms }) => start_ms))
  expect(points.filter(({ at_ms }) => !starts.has(at_ms))).toEqual([])
  const places = points.map(({ at_ms }) => at_ms)
  expect(places).toEqual(places.toSorted((one, other) => one - other))
})
