import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { decodeAudio } from '../../../../../local/recogniser/decode.ts'
import {
  createLiveRecogniser,
  type LiveRecogniser,
  type LiveTurn,
} from '../../../../../local/recogniser/live/live-recogniser.ts'
import { createRecogniser, type Recogniser } from '../../../../../local/recogniser/recogniser.ts'
import { AUSTEN_0870, AUSTEN_0880, fixturePath } from '../../../../support/speech.ts'
import { wordErrorRate } from '../../../../support/word-error-rate.ts'
import { joined, silence } from '../sounds.ts'

vi.setConfig({ testTimeout: 60_000 })

const short = await decodeAudio(fixturePath('austen-0880.wav'))
const long = await decodeAudio(fixturePath('austen-0870.wav'))
let recogniser: Recogniser

beforeAll(async () => {
  recogniser = await createRecogniser()
}, 60_000)
afterAll(() => recogniser.close())

function start(using = recogniser) {
  const turns: LiveTurn[] = []
  const failures: unknown[] = []
  const live = createLiveRecogniser({
    recogniser: using,
    turnSilenceMs: () => 500,
    onTurn: turn => turns.push(turn),
    onFailure: error => failures.push(error),
  })
  return { live, turns, failures, ended: () => turns.filter(turn => turn.has_ended) }
}

/** Adds samples as a client sends them, without waiting. */
function addFrames(live: LiveRecogniser, samples: Float32Array): void {
  for (let from = 0; from < samples.length; from += 1_600) live.add(samples.subarray(from, from + 1_600))
}

const textOf = (turns: LiveTurn[]) => turns.flatMap(turn => turn.words.map(word => word.text)).join(' ')

test('speech without pauses is heard to its end, in one turn whose final words stay', async () => {
  const { live, turns, ended, failures } = start()
  const speech = joined(long.subarray(0, 107_000), short, long)
  for (let from = 0; from < speech.length; from += 8_000) {
    addFrames(live, speech.subarray(from, from + 8_000))
    await vi.waitFor(() => expect(live.secondsBehind()).toBeLessThan(8), { timeout: 20_000 })
  }
  await live.endTurn()
  expect(failures).toEqual([])
  expect(
    wordErrorRate([AUSTEN_0870, AUSTEN_0880, AUSTEN_0870].join(' '), textOf(ended())),
  ).toBeLessThanOrEqual(0.15)
  for (const [index, turn] of turns.entries()) {
    const finalWords = (turns[index - 1]?.words ?? []).filter(word => word.is_final).map(word => word.text)
    if (turns[index - 1]?.order === turn.order) {
      expect(turn.words.slice(0, finalWords.length).map(word => word.text)).toEqual(finalWords)
    }
  }
})

test('what has waited is caught up with, turn by turn', async () => {
  const { live, ended } = start()
  addFrames(live, joined(short, silence(1), short, silence(1), short))
  expect(live.secondsBehind()).toBeGreaterThan(10)
  await live.endTurn()
  expect(live.secondsBehind()).toBeLessThan(1)
  expect(ended().map(turn => turn.order)).toEqual([0, 1, 2])
  for (const turn of ended()) expect(wordErrorRate(AUSTEN_0880, textOf([turn]))).toBeLessThanOrEqual(0.15)
})

test('silence is not kept waiting, and ending a turn in it tells nothing', async () => {
  const { live, turns } = start()
  addFrames(live, silence(120))
  await live.endTurn()
  expect(live.secondsBehind()).toBeLessThan(1)
  expect(turns).toEqual([])
})

test('two streams at once do not mix', async () => {
  const [one, other] = [start(), start()]
  addFrames(one.live, long)
  addFrames(other.live, short)
  await Promise.all([one.live.endTurn(), other.live.endTurn()])
  expect(wordErrorRate(AUSTEN_0870, textOf(one.ended()))).toBeLessThanOrEqual(0.15)
  expect(wordErrorRate(AUSTEN_0880, textOf(other.ended()))).toBeLessThanOrEqual(0.15)
})

test('nothing is told after it was stopped', async () => {
  const { live, turns, failures } = start()
  addFrames(live, short)
  live.stop()
  addFrames(live, short)
  await live.endTurn()
  expect(turns).toEqual([])
  expect(failures).toEqual([])
})

test('a failure of the recogniser is told once, and ends the work', async () => {
  const closed = await createRecogniser()
  await closed.close()
  const { live, turns, failures } = start(closed)
  addFrames(live, long)
  await live.endTurn()
  addFrames(live, long)
  await live.endTurn()
  expect(failures).toEqual([expect.any(Error)])
  expect(turns).toEqual([])
})
