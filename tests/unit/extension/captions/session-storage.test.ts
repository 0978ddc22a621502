import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '../../../../extension/messages/problem.ts'
import { MemoryStore } from './support/memory-store.ts'
import { Play, plainWords } from './support/play.ts'
import { speak } from './support/speech-script.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const full = { code: 'storage_full', detail: 'There is no room left.' }

/** A store that can be filled up. */
function newStore() {
  const store = new MemoryStore()
  const { appendSegment } = store
  const disk = { isFull: false, tries: 0 }
  const filled = Object.assign(store, {
    appendSegment: async (segment: Parameters<typeof appendSegment>[0]) => {
      disk.tries += 1
      if (disk.isFull) throw new Problem(full)
      return appendSegment(segment)
    },
  })
  return { store: filled, disk }
}

describe('captions whose store is full', () => {
  it('are shown all the same, and kept in order once there is room', async () => {
    const { store, disk } = newStore()
    const play = new Play({}, { store })
    const words = speak({ words: 60, pauseAfter: 6 })
    play.say(words)
    await play.begin()
    await play.playTo(5_000)
    disk.isFull = true
    await play.playTo(15_000)
    expect(play.session.view).toMatchObject({ state: { name: 'live' }, problem: full })
    expect(plainWords(play.shown.map(({ text }) => text).join(' ')).length).toBeGreaterThan(25)
    expect(plainWords(store.text).length).toBeLessThan(15)
    expect(disk.tries).toBeLessThan(6)
    disk.isFull = false
    await play.playTo(40_000)
    expect(play.session.view.problem).toBeUndefined()
    await play.end()
    expect(plainWords(store.text)).toEqual(words.map(word => word.text))
    expect(play.shown).toEqual(store.segments)
    expect(play.state).toEqual({ name: 'ended', reason: 'stopped', creditsUsed: expect.any(Number) })
  })

  it('end after half a minute, and say why', async () => {
    const { store, disk } = newStore()
    const play = new Play({}, { store })
    play.say(speak({ words: 300, pauseAfter: 6 }))
    await play.begin()
    await play.playTo(5_000)
    disk.isFull = true
    await play.playTo(70_000)
    expect(play.state).toMatchObject({ name: 'ended', reason: 'failed', problem: full })
    expect(play.backend.openOperations).toEqual([])
  })

  it('end when they are stopped, and say that not all is kept', async () => {
    const { store, disk } = newStore()
    const play = new Play({}, { store })
    play.say(speak({ words: 300, pauseAfter: 6 }))
    await play.begin()
    disk.isFull = true
    await play.playTo(8_000)
    await play.end()
    expect(play.state).toMatchObject({ name: 'ended', reason: 'stopped', problem: full })
  })

  it('end when they are stopped though the store does not answer', async () => {
    const appendSegment = () => new Promise<never>(() => undefined)
    const play = new Play({}, { store: Object.assign(new MemoryStore(), { appendSegment }) })
    play.say(speak({ words: 300, pauseAfter: 6 }))
    await play.begin()
    await play.playTo(8_000)
    await play.end()
    expect(play.state).toMatchObject({ name: 'ended', reason: 'stopped' })
  })
})

it('captions that the store has no room for from the start do not begin, and cost nothing', async () => {
  const createSession = async () => {
    throw new Problem(full)
  }
  const play = new Play({}, { store: Object.assign(new MemoryStore(), { createSession }) })
  const askedAtMs = Date.now()
  await expect(play.begin()).rejects.toMatchObject({ view: full })
  await play.play(1_000)
  expect(play.backend.calls).toEqual(['start', `stop at ${askedAtMs}`])
  expect(play.state).toMatchObject({ name: 'ended', reason: 'failed' })
})
