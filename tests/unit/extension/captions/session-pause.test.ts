import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RefundCount } from '../../../../extension/captions/refund-count.ts'
import { Play, plainWords } from './support/play.ts'
import { type ScriptedWord, speak } from './support/speech-script.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const silence = { pauseAfterSeconds: 10, sensitivity: 'medium' } as const
const first = speak({ words: 20, pauseAfter: 7 })
const later = (fromMs: number): ScriptedWord[] => speak({ words: 12, pauseAfter: 7, fromMs }, 100)
const textsOf = (words: readonly ScriptedWord[]): string[] => words.map(({ text }) => text)

const quietAfterSpeech = async (...parts: ConstructorParameters<typeof Play>): Promise<Play> => {
  const play = new Play({ silence, ...parts[0] }, parts[1])
  play.say(first)
  await play.begin()
  await play.playTo(30_000)
  return play
}

describe('silence that lasts', () => {
  it('pauses captions: the socket is closed, and the rest of the lease given back', async () => {
    const play = await quietAfterSpeech()
    expect(play.state).toEqual({ name: 'paused' })
    expect(play.vendor.open).toEqual([])
    expect(play.backend.calls).toEqual(['start', 'stop'])
    expect(play.backend.credits).toBe(996)
    expect(plainWords(play.store.text)).toEqual(textsOf(first))
  })

  it('is over with the words that end it, in a new operation', async () => {
    const play = await quietAfterSpeech()
    const words = later(60_250)
    play.say(words)
    await play.playTo(75_000)
    expect(play.states).toEqual(['starting', 'live', 'paused', 'starting', 'live'])
    expect(play.backend.calls.filter(call => call === 'start')).toHaveLength(2)
    await play.end()
    expect(plainWords(play.store.text)).toEqual(textsOf([...first, ...words]))
    expect(play.store.text).not.toContain('[')
  })

  it('costs nothing however long it is', async () => {
    const play = await quietAfterSpeech()
    await play.playTo(900_000)
    expect(play.backend.calls).toEqual(['start', 'stop'])
    await play.end()
    expect(play.state).toEqual({ name: 'ended', reason: 'stopped', creditsUsed: 4 })
  })

  it('does not pause captions where the listener wants none of it, or while it is short', async () => {
    const never = await quietAfterSpeech({ silence: { pauseAfterSeconds: 0, sensitivity: 'medium' } })
    expect(never.state.name).toBe('live')
    const longer = await quietAfterSpeech({ silence: { pauseAfterSeconds: 60, sensitivity: 'medium' } })
    expect(longer.state.name).toBe('live')
  })

  it('ends when the listener wants no more pauses', async () => {
    const play = await quietAfterSpeech()
    play.session.configure({ pauseAfterSeconds: 0, sensitivity: 'medium' })
    await play.play(2_000)
    expect(play.state.name).toBe('live')
  })

  it('is not called a gap, though the computer sleeps in it', async () => {
    const play = await quietAfterSpeech()
    await play.sleep(3_600_000)
    await play.play(1_000)
    await play.end()
    expect(plainWords(play.store.text)).toEqual(textsOf(first))
  })
})

describe('silence that lasts when refunds are used up', () => {
  const spent = (): { refunds: RefundCount } => {
    const refunds = new RefundCount()
    for (let count = 0; count < 4; count++) refunds.use(Date.now())
    return { refunds }
  }

  it('keeps the socket for what is paid for, and goes on with a word within it', async () => {
    const play = await quietAfterSpeech({}, spent())
    expect(play.state).toEqual({ name: 'paused' })
    expect(play.vendor.open).toHaveLength(1)
    expect(play.backend.calls).toEqual(['start'])
    const words = later(100_000)
    play.say(words)
    await play.playTo(110_000)
    expect(play.states).toEqual(['starting', 'live', 'paused', 'live'])
    await play.end()
    expect(plainWords(play.store.text)).toEqual(textsOf([...first, ...words]))
    expect(play.vendor.sessions).toHaveLength(1)
  })

  it('renews no lease, and begins anew with the next word', async () => {
    const play = await quietAfterSpeech({}, spent())
    await play.playTo(400_000)
    expect(play.vendor.open).toEqual([])
    expect(play.backend.calls.map(call => call.split(' ')[0])).toEqual(['start', 'stop'])
    const words = later(450_000)
    play.say(words)
    await play.playTo(465_000)
    await play.end()
    expect(plainWords(play.store.text)).toEqual(textsOf([...first, ...words]))
  })

  it('renews the lease where a word comes in its last seconds', async () => {
    const play = await quietAfterSpeech({}, spent())
    const words = speak({ words: 100, pauseAfter: 7, fromMs: 285_000 }, 200)
    play.say(words)
    await play.playTo(325_000)
    expect(play.backend.calls).toEqual(['start', 'renew 2'])
    await play.end()
    const said = words.filter(word => word.endMs < 325_000 - 100)
    expect(plainWords(play.store.text).slice(0, first.length + said.length)).toEqual(
      textsOf([...first, ...said]),
    )
  })

  it('has no need of a line that breaks', async () => {
    const play = await quietAfterSpeech({}, spent())
    play.vendor.last.close(3005)
    await play.playTo(40_000)
    expect(play.state.name).toBe('paused')
    expect(play.vendor.sessions).toHaveLength(1)
    const words = later(60_000)
    play.say(words)
    await play.playTo(75_000)
    await play.end()
    expect(plainWords(play.store.text)).toEqual(textsOf([...first, ...words]))
  })
})

it('a word that wakes captions while the backend can not be had is there when it can', async () => {
  const play = await quietAfterSpeech()
  const words = later(60_000)
  play.say(words)
  play.backend.fail('start', { code: 'unreachable', detail: 'No answer.' }, 3)
  await play.playTo(72_000)
  expect(play.states.slice(-3)).toEqual(['starting', 'reconnecting', 'live'])
  await play.end()
  expect(plainWords(play.store.text)).toEqual(textsOf([...first, ...words]))
})

it('captions that can not be paid for any more end with the sound that would wake them', async () => {
  const play = await quietAfterSpeech()
  play.backend.credits = 5
  play.say(later(60_000))
  await play.playTo(70_000)
  expect(play.state).toMatchObject({
    name: 'ended',
    reason: 'credits_used_up',
    problem: { code: 'insufficient_credits', requiredCredits: 10, availableCredits: 5 },
  })
})
