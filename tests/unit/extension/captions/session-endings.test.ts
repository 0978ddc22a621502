import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ProblemView } from '../../../../extension/captions/view.ts'
import { Play, plainWords } from './support/play.ts'
import { type ScriptedWord, speak } from './support/speech-script.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const textsOf = (words: readonly ScriptedWord[]): string[] => words.map(({ text }) => text)
const words = speak({ words: 1_000, pauseAfter: 9 })

const talking = async (...parts: ConstructorParameters<typeof Play>): Promise<Play> => {
  const play = new Play(...parts)
  play.say(words)
  await play.begin()
  return play
}

const expectWhole = (play: Play, untilMs: number): void => {
  const said = words.filter(word => word.endMs < untilMs)
  expect(plainWords(play.store.text).slice(0, said.length)).toEqual(textsOf(said))
}

describe('credits that are used up in mid-sentence', () => {
  it('end captions with the lease, and every word before is kept', async () => {
    const play = await talking({}, { rules: { credits: 12 } })
    await play.playTo(80_000)
    expect(play.state).toMatchObject({
      name: 'ended',
      reason: 'credits_used_up',
      problem: { code: 'insufficient_credits', requiredCredits: 10, availableCredits: 0 },
      creditsUsed: 12,
    })
    expectWhole(play, 71_000)
    expect(play.backend.openOperations).toEqual([])
    expect(play.store.sessions.get('session-1')).toMatchObject({ endReason: 'credits_used_up' })
  })

  it('go on where some are bought in time', async () => {
    const play = await talking({}, { rules: { credits: 50 } })
    await play.playTo(275_000)
    expect(play.backend.calls).toEqual(['start', 'renew 2'])
    expect(play.session.view.secondsLeft).toBeCloseTo(25, 0)
    play.backend.credits = 200
    await play.playTo(320_000)
    expect(play.state.name).toBe('live')
    expectWhole(play, 310_000)
  })

  it('are warned of, each line once, and told in seconds that run down', async () => {
    const play = await talking({}, { rules: { credits: 60 } })
    await play.playTo(1_000)
    expect(play.session.view.secondsLeft).toBeCloseTo(359, 0)
    await play.playTo(370_000)
    expect(play.warnings).toEqual(['half', 'three_quarters', 'last_minute'])
    expect(play.session.view.secondsLeft).toBeUndefined()
  })
})

describe('captions that another browser has taken over', () => {
  it('end when they would be renewed', async () => {
    const play = await talking()
    await play.playTo(100_000)
    for (const operation of play.backend.operations.values()) operation.isStopped = true
    await play.playTo(280_000)
    expect(play.state).toMatchObject({ name: 'ended', reason: 'taken_over', problem: { code: 'lease_over' } })
    expectWhole(play, 269_000)
  })
})

describe('a listener who is signed out', () => {
  it('has captions until they would be renewed, and all of them', async () => {
    const play = await talking()
    const signedOut: ProblemView = { code: 'signed_out', detail: 'Sign in.' }
    play.backend.fail('renew', signedOut)
    play.backend.fail('stop', signedOut, 9)
    await play.playTo(290_000)
    expect(play.state).toMatchObject({ name: 'ended', reason: 'signed_out', problem: signedOut })
    expectWhole(play, 269_000)
    expect(await play.store.openOperations()).toHaveLength(1)
  })
})

describe('a network that is gone', () => {
  const setOnline = (play: Play, isOnline: boolean): void => {
    play.network.online = isOnline
    play.network.reachable = isOnline
    play.backend.isReachable = isOnline
    if (!isOnline) for (const open of play.vendor.open) open.isDead = true
  }

  it('for twenty seconds costs no word, and the state says so', async () => {
    const play = await talking()
    await play.playTo(40_000)
    setOnline(play, false)
    await play.playTo(50_000)
    expect(play.state).toMatchObject({ name: 'reconnecting', sinceMs: Date.now() - 7_000 })
    expect(play.state).toHaveProperty('bufferedSeconds')
    await play.playTo(60_000)
    setOnline(play, true)
    await play.playTo(250_000)
    expect(play.states).toEqual(['starting', 'live', 'reconnecting', 'live'])
    expect(play.store.text).not.toContain('[')
    expect(play.backend.calls.filter(call => call === 'start')).toHaveLength(1)
    expectWhole(play, 200_000)
  })

  it('for three minutes costs what the buffer has no room for, which is marked', async () => {
    const play = await talking({}, { rules: { leaseSeconds: 600 } })
    await play.playTo(40_000)
    setOnline(play, false)
    await play.playTo(220_000)
    setOnline(play, true)
    await play.playTo(250_000)
    await play.end()
    const [gap, ...more] = play.store.segments.filter(({ kind }) => kind === 'gap')
    expect(gap).toMatchObject({ reason: 'offline' })
    expect(gap?.startMs).toBeLessThan(41_000)
    expect(gap?.endMs).toBeGreaterThan(120_000)
    expect(more.length).toBeLessThanOrEqual(1)
    const written = new Set(plainWords(play.store.text))
    const before = textsOf(words.filter(word => word.endMs < (gap?.startMs ?? 0)))
    expect(before.filter(text => !written.has(text))).toEqual([])
  })

  it('for five minutes ends captions, whole up to there', async () => {
    const play = await talking()
    await play.playTo(40_000)
    setOnline(play, false)
    await play.playTo(360_000)
    expect(play.state).toMatchObject({ name: 'ended', reason: 'failed', problem: { code: 'offline' } })
    expectWhole(play, 39_000)
    expect(play.store.segments.at(-1)).toMatchObject({ kind: 'gap', reason: 'offline' })
    expect(await play.store.openOperations()).toHaveLength(1)
  })
})

describe('a vendor that closes a socket', () => {
  it.each([3005, 1006, 1011])('with %i has the rest from another one, by a new token', async code => {
    const play = await talking()
    await play.playTo(33_300)
    play.vendor.last.close(code)
    await play.playTo(60_000)
    expect(play.backend.calls).toEqual(['start', 'renew 1'])
    expect(play.states).toEqual(['starting', 'live', 'reconnecting', 'live'])
    expectWhole(play, 55_000)
  })

  it('with 3008 at the lease’s end has the next lease', async () => {
    const play = await talking()
    await play.playTo(33_300)
    play.vendor.last.close(3008)
    await play.playTo(60_000)
    expect(play.state.name).toBe('live')
    expectWhole(play, 55_000)
  })

  it('with 1008, and again, is asked no more', async () => {
    const play = await talking()
    await play.playTo(33_300)
    play.vendor.refuseWith = 1008
    play.vendor.last.close(1008)
    await play.playTo(60_000)
    expect(play.state).toMatchObject({
      name: 'ended',
      reason: 'failed',
      problem: { code: 'upstream_failed' },
    })
    expect(play.backend.calls.filter(call => call === 'renew 1').length).toBeLessThanOrEqual(2)
  })

  it('with 3009 is left in peace for some seconds', async () => {
    const play = await talking()
    await play.playTo(33_300)
    play.vendor.last.close(3009)
    await play.play(3_500)
    expect(play.vendor.sessions).toHaveLength(1)
    await play.play(10_000)
    expect(play.vendor.sessions).toHaveLength(2)
  })
})

it('a computer that slept through the lease begins a new operation, and the old one is stopped at its last sound', async () => {
  const play = await talking({}, { rules: { leaseSeconds: 60, windowSeconds: 6 } })
  await play.playTo(30_000)
  const heardAtMs = Date.now()
  await play.sleep(600_000)
  play.say(speak({ words: 40, pauseAfter: 7, fromMs: 631_000 }, 2_000))
  await play.playTo(650_000)
  expect(play.state.name).toBe('live')
  const stop = play.backend.calls.find(call => call.startsWith('stop'))
  expect(Number(stop?.split(' ')[2])).toBeLessThanOrEqual(heardAtMs)
  expect(play.store.segments.find(({ kind }) => kind === 'gap')).toMatchObject({
    startMs: 30_000,
    endMs: 630_000,
    reason: 'interrupted',
  })
})

it('sound that is taken away ends captions with their last words', async () => {
  const play = await talking()
  await play.playTo(20_000)
  const ended = play.session.end('tab_closed')
  await vi.advanceTimersByTimeAsync(10_000)
  await ended
  expect(play.state).toMatchObject({ name: 'ended', reason: 'tab_closed' })
  expectWhole(play, 19_500)
})

it('an ended session leaves no timer behind', async () => {
  const play = await talking()
  await play.playTo(20_000)
  await play.end()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(vi.getTimerCount()).toBe(0)
})
