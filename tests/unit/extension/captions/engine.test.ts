import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../extension/captions/clock.ts'
import { type BeginRequest, Engine } from '../../../../extension/captions/engine.ts'
import { RefundCount } from '../../../../extension/captions/refund-count.ts'
import type { TabAudio } from '../../../../extension/capture/tab-audio.ts'
import { FakeBackend } from './support/fake-backend.ts'
import { FakeVendor } from './support/fake-vendor.ts'
import { MemoryStore } from './support/memory-store.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const request: BeginRequest = {
  sessionId: 'session-1',
  tabId: 1,
  page: { title: 'A page', url: 'https://example.com/' },
  account: 'ann@example.com https://api.example.com',
  language: '',
  silence: { pauseAfterSeconds: 0, sensitivity: 'medium' },
  takeOver: false,
  streamId: 'stream',
  apiUrl: 'https://api.example.com',
}

/** An engine whose tab's sound is given or refused by the test. */
function newEngine() {
  const backend = new FakeBackend()
  const store = new MemoryStore()
  const sound = { open: 0, asked: Promise.withResolvers<TabAudio>() }
  const give = (): void => {
    sound.open += 1
    sound.asked.resolve({
      close: async () => {
        sound.open = 0
      },
    })
  }
  const engine = new Engine({
    clock: systemClock,
    random: () => 0,
    store,
    openSocket: new FakeVendor().openSocket,
    refunds: new RefundCount(),
    openSound: () => sound.asked.promise,
    backend: () => ({
      api: backend,
      network: { isOnline: () => true, isReachable: async () => true },
    }),
    secondsPerCredit: async () => 6,
    creditsAvailable: async () => backend.credits,
    onBalanceMoved: () => undefined,
    onNews: () => undefined,
  })
  return { engine, backend, store, sound, give }
}

describe('the engine', () => {
  it('answers a stop though the sound is refused meanwhile', async () => {
    const { engine, sound } = newEngine()
    const begun = engine.begin(request).catch(error => error.view.code)
    const ended = engine.end(1, 'stopped')
    sound.asked.reject(new DOMException('No.', 'AbortError'))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await begun).toBe('capture_refused')
    await ended
    expect(engine.views).toEqual([])
  })

  it('ends captions over whose next line something unforeseen happens, and lets go of the sound', async () => {
    const { engine, backend, sound, give } = newEngine()
    give()
    const begun = engine.begin(request)
    await vi.advanceTimersByTimeAsync(1_000)
    await begun
    const renewLive = backend.renewLive.bind(backend)
    backend.renewLive = async (...args) => ({ ...(await renewLive(...args)), websocket_url: 'nowhere' })
    await vi.advanceTimersByTimeAsync(310_000)
    expect(engine.views).toMatchObject([
      { state: { name: 'ended', reason: 'failed', problem: { code: 'engine_failed' } } },
    ])
    expect(sound.open).toBe(0)
    await engine.end(1, 'stopped')
  })

  it('ends captions that the store fails for in the middle', async () => {
    const { engine, store, backend, sound, give } = newEngine()
    give()
    backend.fail('renew', { code: 'upstream_failed', detail: 'Failed.' }, 1_000)
    const begun = engine.begin(request)
    await vi.advanceTimersByTimeAsync(1_000)
    await begun
    store.putOperation = async () => {
      throw new Error('The disk is broken.')
    }
    await vi.advanceTimersByTimeAsync(310_000)
    const ended = engine.end(1, 'stopped')
    await vi.advanceTimersByTimeAsync(10_000)
    await ended
    expect(engine.views).toMatchObject([{ state: { name: 'ended' } }])
    expect(sound.open).toBe(0)
  })
})
