import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { decodeAudio } from '../../../../local/recogniser/decode.ts'
import { createRecogniser, type Recogniser } from '../../../../local/recogniser/recogniser.ts'
import { AUSTEN_0870, AUSTEN_0880, fixturePath } from '../../../support/speech.ts'
import { wordErrorRate } from '../../../support/word-error-rate.ts'
import { joined, noise, silence } from './sounds.ts'

vi.setConfig({ testTimeout: 60_000 })

const short = await decodeAudio(fixturePath('austen-0880.wav'))
const long = await decodeAudio(fixturePath('austen-0870.wav'))
const progress: string[] = []
let recogniser: Recogniser

beforeAll(async () => {
  recogniser = await createRecogniser({ onProgress: line => progress.push(line) })
}, 60_000)
afterAll(() => recogniser.close())

test('loading says when it begins and when the model is ready', () => {
  expect(progress).toEqual([
    'Loading the speech model.',
    expect.stringMatching(/^The speech model is ready after \d+\.\d s\.$/),
  ])
})

test('words have times inside the speech, in order, and a confidence, and their join is the text', async () => {
  const { text, words } = await recogniser.transcribe(joined(silence(5), long))
  expect(wordErrorRate(AUSTEN_0870, text)).toBeLessThanOrEqual(0.1)
  expect(words.map(word => word.text).join(' ')).toBe(text)
  expect(words[0]?.start_ms).toBeGreaterThan(5000)
  expect(words.at(-1)?.end_ms).toBeLessThan(5000 + 7100)
  for (const [index, word] of words.entries()) {
    expect(word.start_ms).toBeGreaterThanOrEqual(words[index - 1]?.end_ms ?? 0)
    expect(word.end_ms).toBeGreaterThan(word.start_ms)
    expect(word.confidence).toBeGreaterThan(0.3)
    expect(word.confidence).toBeLessThanOrEqual(1)
  }
})

test.each([
  ['silence', silence(4)],
  ['noise', noise(4, 0.3)],
  ['a click', joined(silence(1), noise(0.05, 0.8), silence(1))],
  ['no samples', new Float32Array(0)],
])('%s gives no words', async (_what, samples) => {
  expect(await recogniser.transcribe(samples)).toEqual({ text: '', words: [] })
})

test('a recording longer than one piece is recognised to its end, and the samples are left alone', async () => {
  const samples = joined(long, silence(0.5), long, silence(2), long, silence(0.5))
  const { text } = await recogniser.transcribe(samples)
  expect(wordErrorRate([AUSTEN_0870, AUSTEN_0870, AUSTEN_0870].join(' '), text)).toBeLessThanOrEqual(0.1)
  expect(samples).toHaveLength(long.length * 3 + 16_000 * 3)
})

test('a short recording does not wait for a long one, and the event loop runs on meanwhile', async () => {
  const order: string[] = []
  let ticks = 0
  const ticking = setInterval(() => ticks++, 5)
  const pause = silence(1.5)
  await Promise.all([
    recogniser.transcribe(joined(long, pause, long, pause, long)).then(() => order.push('long')),
    recogniser.transcribe(short).then(({ text }) => {
      expect(wordErrorRate(AUSTEN_0880, text)).toBeLessThanOrEqual(0.15)
      order.push('short')
    }),
  ])
  clearInterval(ticking)
  expect(order).toEqual(['short', 'long'])
  expect(ticks).toBeGreaterThan(10)
})

test('an aborted recognition rejects with its reason and the next one works', async () => {
  const controller = new AbortController()
  const pending = recogniser.transcribe(joined(long, silence(2), long), controller.signal)
  const rejected = expect(pending).rejects.toThrow('no longer wanted')
  await sleep(50)
  controller.abort(new Error('no longer wanted'))
  await rejected
  expect((await recogniser.transcribe(short)).text).not.toBe('')
})

test('closing rejects what is still being recognised', async () => {
  const other = await createRecogniser()
  const rejected = expect(other.transcribe(long)).rejects.toThrow()
  await other.close()
  await rejected
})

test('somebody who waits is heard before the next piece of a recording', async () => {
  const order: string[] = []
  const pause = silence(1.5)
  const pieces = joined(long, pause, long, pause, long)
  const batch = [recogniser.transcribe(pieces), recogniser.transcribe(pieces)].map(job =>
    job.then(() => order.push('recording')),
  )
  await sleep(50)
  const heard = await recogniser.hear({ samples: short.slice() })
  order.push('waiting')
  expect(wordErrorRate(AUSTEN_0880, heard.map(word => word.text).join(' '))).toBeLessThanOrEqual(0.15)
  await Promise.all(batch)
  expect(order).toEqual(['waiting', 'recording', 'recording'])
})

test('known words stay, and the rest is heard after them', async () => {
  const [first, second] = await recogniser.hear({ samples: short.slice() })
  const known = [...(first?.tokens ?? []), ...(second?.tokens ?? [])]
  const heard = await recogniser.hear({ samples: short.slice(), known, quick: true })
  expect(heard.slice(0, 2).map(word => word.text)).toEqual([first?.text, second?.text])
  expect(wordErrorRate(AUSTEN_0880, heard.map(word => word.text).join(' '))).toBeLessThanOrEqual(0.3)

  const [other] = await recogniser.hear({ samples: long.slice() })
  const forced = await recogniser.hear({ samples: short.slice(), known: other?.tokens ?? [], quick: true })
  expect(forced[0]?.text.toLowerCase()).toBe(other?.text.toLowerCase())
})
