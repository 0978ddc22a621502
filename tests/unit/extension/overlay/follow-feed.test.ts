import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../extension/captions/clock.ts'
import type { FeedMessage } from '../../../../extension/captions/feed.ts'
import {
  type Feed,
  type FeedPort,
  type FeedState,
  followFeed,
} from '../../../../extension/overlay/follow-feed.ts'

const sessions: FeedMessage = { type: 'sessions', sessions: [] }

/** One end of a port; the other is the test's. */
class TestPort implements FeedPort {
  isOpen = true
  #hear: (message: unknown) => void = () => undefined
  #broken: () => void = () => undefined
  readonly onMessage = {
    addListener: (listener: (message: unknown) => void) => {
      this.#hear = listener
    },
  }
  readonly onDisconnect = {
    addListener: (listener: () => void) => {
      this.#broken = listener
    },
  }
  disconnect(): void {
    this.isOpen = false
  }
  say(message: unknown): void {
    this.#hear(message)
  }
  breakOff(): void {
    this.isOpen = false
    this.#broken()
  }
}

let ports: TestPort[]
let states: FeedState[]
let heard: FeedMessage[]
let onConnect: (port: TestPort) => void

const follow = (): Feed =>
  followFeed(
    {
      connect: () => {
        const port = new TestPort()
        ports.push(port)
        onConnect(port)
        return port
      },
      onMessage: message => heard.push(message),
      onState: state => states.push(state),
    },
    systemClock,
  )
/** A port that breaks off as soon as it is connected, as where nobody listens. */
const breakOffSoon = (port: TestPort): void => queueMicrotask(() => port.breakOff())

beforeEach(() => {
  vi.useFakeTimers()
  ports = []
  states = []
  heard = []
  onConnect = () => undefined
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the feed', () => {
  it('hands on what comes, and nothing that is malformed', () => {
    follow()
    ports[0]?.say({ type: 'elsewhat' })
    ports[0]?.say(null)
    ports[0]?.say({ type: 'sessions' })
    expect([states, heard]).toEqual([['connecting'], []])
    ports[0]?.say(sessions)
    expect([states, heard]).toEqual([['connecting', 'open'], [sessions]])
  })

  it('is connected again when it breaks off, without a word at first', async () => {
    follow()
    ports[0]?.say(sessions)
    ports[0]?.breakOff()
    await vi.advanceTimersByTimeAsync(300)
    ports[1]?.say(sessions)
    expect(states).toEqual(['connecting', 'open', 'connecting', 'open'])
  })

  it('is tried a few times with growing pauses, and then it is lost', async () => {
    onConnect = breakOffSoon
    follow()
    const connectedAfterMs: number[] = []
    const startMs = Date.now()
    for (let known = 1; states.at(-1) !== 'lost'; ) {
      await vi.advanceTimersByTimeAsync(100)
      if (ports.length > known) connectedAfterMs.push(Date.now() - startMs)
      known = ports.length
    }
    expect(connectedAfterMs).toEqual([300, 1_300, 3_300, 7_300, 15_300])
    expect(states.slice(0, 3)).toEqual(['connecting', 'connecting', 'unanswered'])
    await vi.advanceTimersByTimeAsync(600_000)
    expect(ports).toHaveLength(6)
  })

  it('is tried anew where it breaks off after having been steady', async () => {
    follow()
    for (let time = 0; time < 20; time++) {
      ports.at(-1)?.say(sessions)
      await vi.advanceTimersByTimeAsync(10_000)
      ports.at(-1)?.breakOff()
      await vi.advanceTimersByTimeAsync(300)
    }
    expect(ports).toHaveLength(21)
    expect(states).not.toContain('unanswered')
  })

  it('counts a port on which nobody speaks as broken, and one that can not be had', async () => {
    follow()
    await vi.advanceTimersByTimeAsync(3_300)
    expect(ports.map(({ isOpen }) => isOpen)).toEqual([false, true])
    onConnect = () => {
      throw new Error('Extension context invalidated.')
    }
    await vi.advanceTimersByTimeAsync(60_000)
    expect(states.at(-1)).toBe('lost')
  })

  it('can be begun anew when it is lost, and be stopped for good', async () => {
    onConnect = breakOffSoon
    const feed = follow()
    await vi.advanceTimersByTimeAsync(60_000)
    onConnect = () => undefined
    feed.restart()
    ports.at(-1)?.say(sessions)
    expect(states.slice(-3)).toEqual(['lost', 'connecting', 'open'])
    feed.stop()
    ports.at(-1)?.say(sessions)
    ports.at(-1)?.breakOff()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(heard).toHaveLength(1)
    expect(states.at(-1)).toBe('open')
    expect(ports.at(-1)?.isOpen).toBe(false)
  })

  it('leaves no port open when it is begun anew', () => {
    const feed = follow()
    feed.restart()
    expect(ports.map(({ isOpen }) => isOpen)).toEqual([false, true])
  })
})
