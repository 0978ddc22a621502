import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openTabAudio, type TabAudio } from '../../../../extension/capture/tab-audio.ts'

/*
 * Stand-ins for the browser's audio, for what a browser can't be made to do in a test: stand still, fail half-way. The
 * browser tests capture real sound.
 */

class FakeTrack {
  readyState: 'live' | 'ended' = 'live'
  onended: (() => void) | null = null
  stop = (): void => {
    this.readyState = 'ended'
  }
}

class FakeNode {
  static made: FakeNode[] = []
  readonly port: { onmessage: ((event: { data: unknown }) => void) | null } = { onmessage: null }
  onprocessorerror: (() => void) | null = null
  constructor() {
    FakeNode.made.push(this)
  }
}

class FakeContext {
  static made: FakeContext[] = []
  static failsAfter = Number.POSITIVE_INFINITY
  static addModule = async (): Promise<void> => undefined
  state: 'running' | 'suspended' | 'closed' = 'running'
  readonly destination = {}
  readonly audioWorklet = { addModule: () => FakeContext.addModule() }
  constructor() {
    if (FakeContext.made.length >= FakeContext.failsAfter)
      throw new DOMException('No more.', 'NotSupportedError')
    FakeContext.made.push(this)
  }
  createMediaStreamSource = () => ({ connect: () => undefined })
  resume = async (): Promise<void> => {
    this.state = 'running'
  }
  #isClosing = false
  close = async (): Promise<void> => {
    if (this.#isClosing) throw new DOMException('It is closed.', 'InvalidStateError')
    this.#isClosing = true
    await Promise.resolve()
    this.state = 'closed'
  }
}

let track: FakeTrack
let called: string[]

const open = (): Promise<TabAudio> =>
  openTabAudio({
    streamId: 'stream',
    onSamples: (samples, sampleIndex) => called.push(`${samples.length} at ${sampleIndex}`),
    onGap: missingMs => called.push(`gap ${missingMs}`),
    onEnded: reason => called.push(reason),
  })

const postFrame = (): void =>
  FakeNode.made[0]?.port.onmessage?.({ data: { samples: new Int16Array(1_600), atMs: Date.now() } })

const allIsClosed = (): boolean =>
  track.readyState === 'ended' && FakeContext.made.every(({ state }) => state === 'closed')

beforeEach(() => {
  vi.useFakeTimers()
  track = new FakeTrack()
  called = []
  FakeNode.made = []
  FakeContext.made = []
  FakeContext.failsAfter = Number.POSITIVE_INFINITY
  FakeContext.addModule = async () => undefined
  const stream = {
    getTracks: () => [track],
    get active() {
      return track.readyState === 'live'
    },
  }
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: async () => stream } })
  vi.stubGlobal('chrome', { runtime: { getURL: (path: string) => path } })
  vi.stubGlobal('AudioContext', FakeContext)
  vi.stubGlobal('AudioWorkletNode', FakeNode)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('a tab that is captured', () => {
  it('gives its frames, and tells of what is missing right before the frame that comes after', async () => {
    await open()
    postFrame()
    vi.setSystemTime(Date.now() + 8_100)
    postFrame()
    expect(called).toEqual(['1600 at 0', 'gap 8000', '1600 at 129600'])
  })

  it('says nothing while it is being opened, however long that takes', async () => {
    FakeContext.addModule = () => new Promise(resolve => setTimeout(resolve, 60_000))
    const opening = open()
    await vi.advanceTimersByTimeAsync(60_000)
    await opening
    expect(called).toEqual([])
  })

  it('is resumed where it was suspended', async () => {
    await open()
    for (const context of FakeContext.made) context.state = 'suspended'
    await vi.advanceTimersByTimeAsync(1_000)
    expect(FakeContext.made.map(({ state }) => state)).toEqual(['running', 'running'])
  })

  it('is given up after ten seconds without a frame, and not while frames come', async () => {
    await open()
    for (let second = 0; second < 30; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000)
      postFrame()
    }
    called = []
    await vi.advanceTimersByTimeAsync(10_500)
    expect(called).toEqual([])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(called).toEqual(['failed'])
    expect(allIsClosed()).toBe(true)
  })

  it('ends with its track, once, and says nothing after', async () => {
    await open()
    track.onended?.()
    track.onended?.()
    postFrame()
    FakeNode.made[0]?.onprocessorerror?.()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(called).toEqual(['track_ended'])
    expect(allIsClosed()).toBe(true)
  })

  it('ends when the worklet fails', async () => {
    await open()
    FakeNode.made[0]?.onprocessorerror?.()
    expect(called).toEqual(['failed'])
  })

  it('is closed as often as one likes, and says nothing after', async () => {
    const tab = await open()
    await Promise.all([tab.close(), tab.close()])
    await tab.close()
    postFrame()
    track.onended?.()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(called).toEqual([])
    expect(allIsClosed()).toBe(true)
  })
})

describe('opening that fails half-way leaves nothing open', () => {
  it.each([0, 1])('where the browser has no audio context after %d', async contexts => {
    FakeContext.failsAfter = contexts
    await expect(open()).rejects.toThrow('No more.')
    expect(allIsClosed()).toBe(true)
    expect(FakeContext.made).toHaveLength(contexts)
  })

  it('where the worklet does not load', async () => {
    FakeContext.addModule = () => Promise.reject(new DOMException('Not found.', 'AbortError'))
    await expect(open()).rejects.toThrow('Not found.')
    expect(allIsClosed()).toBe(true)
  })

  it('where the tab goes away meanwhile', async () => {
    FakeContext.addModule = async () => track.stop()
    await expect(open()).rejects.toThrow('The tab is gone.')
    expect(allIsClosed()).toBe(true)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(called).toEqual([])
  })
})
