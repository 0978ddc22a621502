import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../extension/captions/clock.ts'
import type { FeedMessage } from '../../../../extension/captions/feed.ts'
import { FeedHub } from '../../../../extension/captions/feed-hub.ts'
import type { SessionView } from '../../../../extension/captions/view.ts'
import type { TranscriptSegment } from '../../../../extension/transcript/model.ts'

let views: SessionView[]
let hub: FeedHub

beforeEach(() => {
  vi.useFakeTimers()
  views = [view('a', 1), view('b', 2)]
  hub = new FeedHub(systemClock, () => views)
})
afterEach(() => {
  vi.useRealTimers()
})

const view = (sessionId: string, tabId: number): SessionView => ({
  sessionId,
  tabId,
  page: { title: 'A page', url: 'https://example.com/' },
  startedAtMs: 0,
  state: { name: 'live' },
  partialText: '',
  partialStartMs: 0,
})

const segment = (sessionId: string, index: number): TranscriptSegment => ({
  sessionId,
  index,
  startMs: index * 1_000,
  endMs: index * 1_000 + 900,
  kind: 'speech',
  text: `segment ${index}`,
})

/** What a screen is told, in short. */
const listen = (tabId?: number): string[] => {
  const told: string[] = []
  hub.add({
    ...(tabId === undefined ? {} : { tabId }),
    post: (message: FeedMessage) =>
      told.push(
        message.type === 'sessions'
          ? `sessions ${message.sessions.map(({ sessionId }) => sessionId).join('')}`
          : `${message.segment.sessionId}${message.segment.index}`,
      ),
  })
  return told
}

describe('a screen', () => {
  it('is told the sessions first, and then the last ten segments of each', () => {
    for (let index = 0; index < 12; index++) hub.segment(segment('a', index))
    hub.segment(segment('b', 0))
    expect(listen()).toEqual([
      'sessions ab',
      ...Array.from({ length: 10 }, (_, index) => `a${index + 2}`),
      'b0',
    ])
  })

  it('of a tab is told of that tab alone', () => {
    hub.segment(segment('b', 0))
    const told = listen(1)
    hub.segment(segment('a', 0))
    hub.segment(segment('b', 1))
    hub.changed()
    expect(told).toEqual(['sessions a', 'a0', 'sessions a'])
  })

  it('is told at once what changes, and ten times a second at most', () => {
    const told = listen()
    for (let step = 0; step < 100; step++) {
      hub.changed()
      vi.advanceTimersByTime(10)
    }
    expect(told.length).toBeGreaterThanOrEqual(10)
    expect(told.length).toBeLessThanOrEqual(12)
  })

  it('is told the last change, after which nothing ticks', () => {
    const told = listen()
    hub.changed()
    views = [view('c', 3)]
    hub.changed()
    vi.advanceTimersByTime(100)
    expect(told.at(-1)).toBe('sessions c')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that has gone is told no more', () => {
    const told: FeedMessage[] = []
    const leave = hub.add({ post: message => told.push(message) })
    leave()
    hub.segment(segment('a', 0))
    expect(told).toHaveLength(1)
  })

  it('that can not be told does not keep others from it', () => {
    let tries = 0
    hub.add({
      post: () => {
        tries += 1
        throw new Error('The port is closed.')
      },
    })
    const told = listen()
    hub.segment(segment('a', 0))
    hub.segment(segment('a', 1))
    expect(told).toEqual(['sessions ab', 'a0', 'a1'])
    expect(tries).toBe(1)
  })

  it('is not told of a session that has gone', () => {
    hub.segment(segment('a', 0))
    views = [view('b', 2)]
    hub.forget('a')
    expect(listen()).toEqual(['sessions b'])
  })
})
