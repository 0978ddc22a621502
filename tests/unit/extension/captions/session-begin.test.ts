import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LiveOperation } from '../../../../extension/transcript/model.ts'
import { FakeBackend } from './support/fake-backend.ts'
import { MemoryStore } from './support/memory-store.ts'
import { Play } from './support/play.ts'
import { speak } from './support/speech-script.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const codeOf = (begun: Promise<void>): Promise<string> =>
  begun.then(
    () => 'begun',
    (error: { view: { code: string } }) => error.view.code,
  )

/** An account that has captions open in another browser. */
const openElsewhere = async (): Promise<FakeBackend> => {
  const backend = new FakeBackend()
  const started = backend.startLive('other-operation', '')
  await vi.advanceTimersByTimeAsync(100)
  await started
  return backend
}

describe('captions that begin', () => {
  it('are in the store before they are asked for, and in the listener’s language', async () => {
    const play = new Play({ language: 'de' })
    const noted: number[] = []
    const start = play.backend.startLive.bind(play.backend)
    play.backend.startLive = (id, language) => {
      noted.push(play.store.operations.size)
      return start(id, language)
    }
    await play.begin()
    expect(noted).toEqual([1])
    expect(play.backend.calls).toEqual(['start de'])
    expect(play.store.sessions.get('session-1')).toMatchObject({ page: { title: 'A page' } })
  })

  it('are asked for under the same key where the answer was lost, and paid for once', async () => {
    const play = new Play()
    play.backend.fail('start', { code: 'unreachable', detail: 'Lost.' }, 2, true)
    await play.begin()
    expect(play.backend.operations.size).toBe(1)
    expect(play.backend.credits).toBe(950)
  })

  it('are refused where too few credits are left, and there is no session', async () => {
    const play = new Play({}, { rules: { credits: 3 } })
    expect(await codeOf(play.begin())).toBe('insufficient_credits')
    expect(play.store.sessions.size).toBe(0)
    expect(await play.store.openOperations()).toEqual([])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are refused after four tries at a backend that does not answer', async () => {
    const play = new Play()
    play.backend.fail('start', { code: 'unreachable', detail: 'No answer.' }, 9)
    expect(await codeOf(play.begin())).toBe('unreachable')
    expect(play.backend.calls.filter(call => call === 'start')).toHaveLength(4)
  })
})

describe('captions that another browser has open', () => {
  it('are in the way', async () => {
    const play = new Play({}, { backend: await openElsewhere() })
    expect(await codeOf(play.begin())).toBe('live_already_open')
    expect(play.backend.openOperations).toEqual(['other-operation'])
  })

  it('are ended where the listener takes over', async () => {
    const play = new Play({ takeOver: true }, { backend: await openElsewhere() })
    expect(await codeOf(play.begin())).toBe('begun')
    expect(play.backend.openOperations).toHaveLength(1)
    expect(play.backend.openOperations).not.toContain('other-operation')
  })
})

it('captions that this browser left open when it died are stopped at their last sound', async () => {
  const store = new MemoryStore()
  const left: LiveOperation = {
    operationId: 'left-open',
    account: 'ann@example.com https://api.example.com',
    sessionId: 'session-0',
    startedAtMs: Date.now() - 100_000,
    lastAudioAtMs: Date.now() - 60_000,
  }
  await store.putOperation(left)
  const backend = await openElsewhere()
  backend.operations.set('left-open', {
    startedAtMs: Date.now() - 100_000 + 5 * 3_600_000,
    lease: 1,
    paidSeconds: 300,
    leaseSeconds: 300,
    isStopped: false,
  })
  backend.operations.delete('other-operation')
  backend.calls.length = 0
  const play = new Play({}, { backend, store })
  await play.begin()
  expect(backend.calls).toEqual([`stop at ${left.lastAudioAtMs}`, 'start'])
  expect((await store.openOperations()).map(({ operationId }) => operationId)).not.toContain('left-open')
})

describe('the view', () => {
  it('shows what is being said, and no more of what is written', async () => {
    const play = new Play()
    play.say(speak({ words: 5, fromMs: 2_000 }))
    await play.begin()
    expect(play.session.view).toMatchObject({ partialText: '', partialStartMs: 0 })
    await play.playTo(3_200)
    const { partialText, partialStartMs } = play.session.view
    expect(partialText.split(' ').length).toBeGreaterThanOrEqual(2)
    expect(partialStartMs).toBe(2_000)
    await play.playTo(6_000)
    expect(play.session.view.partialText).toBe('')
    expect(play.store.segments).toHaveLength(1)
  })

  it('tells that the balance moved with each lease and each stop', async () => {
    const play = new Play({}, { rules: { leaseSeconds: 60, windowSeconds: 6 } })
    await play.begin()
    expect(play.balanceMoves).toBe(1)
    await play.playTo(58_000)
    expect(play.balanceMoves).toBe(2)
    await play.end()
    expect(play.balanceMoves).toBe(3)
  })

  it('notes every five seconds when sound was last sent', async () => {
    const play = new Play()
    await play.begin()
    await play.playTo(32_000)
    const [operation] = await play.store.openOperations()
    expect(Date.now() - (operation?.lastAudioAtMs ?? 0)).toBeLessThanOrEqual(5_000)
  })
})
