import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Play, plainWords } from './support/play.ts'
import { type ScriptedWord, speak } from './support/speech-script.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const textsOf = (words: readonly ScriptedWord[]): string[] => words.map(({ text }) => text)
const gapsOf = (play: Play) => play.store.segments.filter(({ kind }) => kind === 'gap')

/** Captions whose line broke, and whose vendor can't be had for a while: then they are live again, and lag behind. */
async function lagging(downMs: number, words: readonly ScriptedWord[]): Promise<Play> {
  const play = new Play()
  play.say(words)
  await play.begin()
  await play.playTo(10_000)
  play.vendor.isDown = true
  play.vendor.last.close(1006)
  await play.play(downMs)
  play.vendor.isDown = false
  while (play.state.name !== 'live') await play.play(100)
  return play
}

describe('captions that are stopped', () => {
  it('while they lag behind are whole all the same', async () => {
    const words = speak({ words: 200, pauseAfter: 6 })
    const play = await lagging(7_000, words)
    expect(play.isLagging).toBe(true)
    const said = words.filter(word => word.endMs < play.nowMs - 100)
    await play.end()
    expect(plainWords(play.store.text).slice(0, said.length)).toEqual(textsOf(said))
    expect(play.states.slice(-2)).toEqual(['stopping', 'ended'])
    expect(gapsOf(play)).toEqual([])
  })

  it('while they lag far behind say what is missing', async () => {
    const words = speak({ words: 300, pauseAfter: 6 })
    const play = await lagging(40_000, words)
    const stoppedAtMs = play.nowMs
    await play.end()
    const [gap, ...more] = gapsOf(play)
    expect(more).toEqual([])
    expect(gap?.endMs).toBe(stoppedAtMs)
    expect(gap?.startMs).toBeGreaterThan(20_000)
    const said = words.filter(word => word.endMs < (gap?.startMs ?? 0) - 500)
    expect(plainWords(play.store.text).slice(0, said.length)).toEqual(textsOf(said))
  })

  it('without a line are not charged since the last sound that was sent', async () => {
    const play = new Play()
    play.say(speak({ words: 300 }))
    await play.begin()
    await play.playTo(10_000)
    const heardAtMs = Date.now()
    play.network.online = false
    play.vendor.last.close(1006)
    await play.playTo(60_000)
    const ended = play.session.end('stopped')
    await vi.advanceTimersByTimeAsync(20_000)
    await ended
    expect(play.backend.calls.at(-1)).toMatch(new RegExp(`^stop at ${String(heardAtMs).slice(0, -3)}`))
  })
})

describe('a line that does not say that it has ended, after all that was said is final', () => {
  it('does not bring the next one down', async () => {
    const play = new Play()
    const words = speak({ words: 1_000, pauseAfter: 6 })
    play.say(words)
    await play.begin()
    await play.playTo(200_000)
    const { last } = play.vendor
    const say = last.say.bind(last)
    last.say = message => {
      if (!('type' in message && message.type === 'Termination')) say(message)
    }
    const close = last.close.bind(last)
    last.close = code => {
      if (code !== 1000) close(code)
    }
    await play.playTo(330_000)
    expect(play.vendor.sessions).toHaveLength(2)
    expect(play.backend.calls).toEqual(['start', 'renew 2'])
    await play.end()
    const said = words.filter(word => word.endMs < 330_000 - 100)
    expect(plainWords(play.store.text).slice(0, said.length)).toEqual(textsOf(said))
    expect(gapsOf(play)).toEqual([])
  })
})

describe('a vendor that hangs between turns', () => {
  it('is left for another line, and what can not be sent again is marked', async () => {
    const play = new Play()
    const words = speak({ words: 1_000, pauseAfter: 6 })
    play.say(words)
    await play.begin()
    await play.playTo(61_400)
    const hungAtMs = play.nowMs
    play.vendor.last.isHung = true
    await play.playTo(150_000)
    expect(play.vendor.sessions).toHaveLength(2)
    await play.end()
    const [gap, ...more] = gapsOf(play)
    expect(more).toEqual([])
    const { startMs, endMs } = gap ?? { startMs: 0, endMs: 0 }
    expect(startMs).toBeGreaterThan(hungAtMs - 4_000)
    expect(endMs).toBeLessThan(hungAtMs + 35_000)
    const isLost = (word: ScriptedWord) => word.endMs > startMs && word.startMs < endMs + 500
    const kept = textsOf(words.filter(word => word.endMs < 125_000 && !isLost(word)))
    const written = new Set(plainWords(play.store.text))
    expect(kept.filter(text => !written.has(text))).toEqual([])
  })

  it('may be music that lasts: one more line is tried, and nothing is called lost', async () => {
    const play = new Play()
    play.say(speak({ words: 20, pauseAfter: 6 }))
    play.music(10_000, 200_000)
    play.say(speak({ words: 40, pauseAfter: 6, fromMs: 210_000 }, 100))
    await play.begin()
    await play.playTo(270_000)
    expect(play.vendor.sessions).toHaveLength(2)
    await play.end()
    expect(gapsOf(play)).toEqual([])
  })

  it('is said to have lost what came before a pause', async () => {
    const play = new Play({ silence: { pauseAfterSeconds: 10, sensitivity: 'medium' } })
    play.say(speak({ words: 20, pauseAfter: 6 }))
    play.say(speak({ words: 30, pauseAfter: 6, fromMs: 40_000 }, 50))
    await play.begin()
    await play.playTo(6_000)
    play.vendor.last.isHung = true
    await play.playTo(70_000)
    await play.end()
    expect(play.states).toContain('paused')
    expect(gapsOf(play)).toHaveLength(1)
    expect(gapsOf(play)[0]?.startMs).toBeLessThan(7_000)
  })

  it('is said to have lost what it was sent last, though the next line has gone on meanwhile', async () => {
    const play = new Play()
    const words = speak({ words: 1_000, pauseAfter: 6 })
    play.say(words)
    await play.begin()
    await play.playTo(269_000)
    play.vendor.last.isHung = true
    while (play.vendor.sessions.length < 2 || play.vendor.last.frames.length < 40) await play.play(100)
    const said = words.filter(word => word.endMs < play.nowMs - 100)
    await play.end()
    const [gap, ...more] = gapsOf(play)
    expect(more).toEqual([])
    const { startMs, endMs } = gap ?? { startMs: 0, endMs: 0 }
    const kept = said.filter(word => word.endMs <= startMs || word.startMs >= endMs)
    expect(plainWords(play.store.text.replace(' [interrupted]', '')).slice(0, kept.length)).toEqual(
      textsOf(kept),
    )
  })
})
