import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Play } from './support/play.ts'
import { speak } from './support/speech-script.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const talking = (...parts: ConstructorParameters<typeof Play>): Play => {
  const play = new Play(...parts)
  play.say(speak({ words: 900, pauseAfter: 6, fromMs: 500 }))
  return play
}

describe('a speech service that can not be reached', () => {
  it('is given up after a minute and a half, and no second lease is paid for', async () => {
    const play = talking()
    play.vendor.isDown = true
    await play.begin()
    const startedAtMs = Date.now()
    await play.play(120_000)
    expect(play.state).toMatchObject({
      name: 'ended',
      reason: 'failed',
      problem: { code: 'upstream_failed' },
    })
    expect(play.backend.calls.filter(call => /start|renew 2/.test(call))).toEqual(['start'])
    expect(Number(play.backend.calls.at(-1)?.split(' ')[2])).toBeLessThanOrEqual(startedAtMs)
  })

  it('is waited for where the backend can not be reached either', async () => {
    const play = talking()
    play.vendor.isDown = true
    play.network.reachable = false
    await play.begin()
    await play.play(150_000)
    expect(play.state.name).toBe('reconnecting')
    play.vendor.isDown = false
    await play.play(15_000)
    expect(play.state.name).toBe('live')
  })
})

describe('a lease without a token for it', () => {
  it('is waited out, and not paid for a second time', async () => {
    const play = talking({}, { rules: { allowance: 0 } })
    await play.begin()
    await play.playTo(120_000)
    play.vendor.last.close(1006)
    await play.playTo(290_000)
    expect(play.state.name).toBe('live')
    expect(play.backend.calls.filter(call => /start|stop|renew 2/.test(call))).toEqual(['start', 'renew 2'])
  })
})

describe('refusals', () => {
  it('are forgotten once a line has been open for a while', async () => {
    const play = talking()
    await play.begin()
    for (const renewedAtMs of [270_000, 570_000]) {
      await play.playTo(renewedAtMs - 1_000)
      const sessionsBefore = play.vendor.sessions.length
      play.vendor.refuseWith = 1008
      while (play.vendor.sessions.length === sessionsBefore && play.nowMs < renewedAtMs + 25_000) {
        await play.play(100)
      }
      play.vendor.refuseWith = undefined
      await play.play(40_000)
      expect(play.state.name).toBe('live')
    }
  })
})
