import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Play, plainWords } from './support/play.ts'
import { speak, textOf } from './support/speech-script.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('captions', () => {
  it('are live once the socket has begun, with every word since the click', async () => {
    const play = new Play()
    const words = speak({ words: 20, pauseAfter: 5, fromMs: 0 })
    play.say(words)
    await play.begin()
    await play.play(12_000)
    expect(play.state).toEqual({ name: 'live' })
    await play.end()
    expect(plainWords(play.store.text)).toEqual(words.map(word => word.text))
    expect(play.states).toEqual(['starting', 'live', 'stopping', 'ended'])
    expect(play.state).toEqual({ name: 'ended', reason: 'stopped', creditsUsed: 3 })
    expect(play.backend.openOperations).toEqual([])
    expect(vi.getTimerCount()).toBeLessThan(3)
  })

  it('go on in the next lease, handed over in a pause', async () => {
    const play = new Play()
    const words = speak({ words: 1_700, pauseAfter: 6 })
    play.say(words)
    await play.begin()
    await play.play(620_000)
    expect(play.backend.calls).toEqual(['start', 'renew 2', 'renew 3'])
    expect(play.vendor.sessions).toHaveLength(3)
    await play.end()
    const said = words.filter(word => word.endMs < play.nowMs - 100)
    expect(plainWords(play.store.text).slice(0, said.length)).toEqual(said.map(word => word.text))
    expect(play.states).toEqual(['starting', 'live', 'stopping', 'ended'])
  })

  it('go on in the next lease, cut in the middle of speech', async () => {
    const play = new Play()
    const words = speak({ words: 1_700 })
    play.say(words)
    await play.begin()
    await play.play(590_000)
    await play.end()
    const said = words.filter(word => word.endMs < play.nowMs - 100)
    expect(plainWords(play.store.text).slice(0, said.length)).toEqual(said.map(word => word.text))
    expect(textOf(words)).toContain('0')
  })
})
