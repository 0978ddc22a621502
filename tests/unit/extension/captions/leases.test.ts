import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../extension/captions/clock.ts'
import { Leases } from '../../../../extension/captions/leases.ts'
import { RefundCount } from '../../../../extension/captions/refund-count.ts'
import type { LiveOperation } from '../../../../extension/transcript/model.ts'
import { type BackendRules, FakeBackend } from './support/fake-backend.ts'
import { MemoryStore } from './support/memory-store.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 1, 1) })
})
afterEach(() => {
  vi.useRealTimers()
})

const account = 'ann@example.com https://api.example.com'
const unreachable = { code: 'unreachable', detail: 'No answer.' }

/** Another promise's value, with the time passing that it takes. */
async function passing<Value>(promise: Promise<Value>): Promise<Value> {
  let isDone = false
  const done = promise.finally(() => {
    isDone = true
  })
  while (!isDone) await vi.advanceTimersByTimeAsync(10)
  return done
}

function leasesOf(rules: Partial<BackendRules> = {}) {
  const backend = new FakeBackend(rules)
  const store = new MemoryStore()
  const refunds = new RefundCount()
  const leases = new Leases(
    { api: backend, store, clock: systemClock, random: () => 0, refunds, onBalanceMoved: () => undefined },
    { sessionId: 'session-1', account, language: '' },
  )
  /** Sound is sent for so long. */
  const hear = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 100) {
      await vi.advanceTimersByTimeAsync(100)
      leases.heard()
    }
  }
  return { backend, store, refunds, leases, hear }
}

const leftover = (operationId: string, more: Partial<LiveOperation> = {}): LiveOperation => ({
  operationId,
  account,
  sessionId: 'session-0',
  startedAtMs: Date.now() - 100_000,
  lastAudioAtMs: Date.now() - 90_000,
  ...more,
})

describe('an answer that comes late', () => {
  it('that captions are over ends those alone which it is about', async () => {
    const { backend, leases, hear } = leasesOf()
    await passing(leases.start())
    await hear(275_000)
    backend.latencyMs = 5_000
    const late = leases.renew()
    backend.latencyMs = 60
    await passing(leases.stop('now'))
    await passing(leases.start())
    expect(await passing(late)).toMatchObject({ kind: 'over' })
    expect(leases.lease?.number).toBe(1)
    expect(backend.openOperations).toHaveLength(1)
  })

  it('is not taken for the answer about other captions', async () => {
    const { backend, leases, hear } = leasesOf()
    await passing(leases.start())
    await hear(275_000)
    backend.latencyMs = 7_000
    void leases.renew()
    backend.latencyMs = 60
    await passing(leases.stop('now'))
    await passing(leases.start())
    expect(await passing(leases.renew())).toMatchObject({ kind: 'wait' })
  })

  it('to a start that nobody waits for is stopped', async () => {
    const { backend, leases } = leasesOf()
    backend.latencyMs = 12_000
    void leases.start()
    await vi.advanceTimersByTimeAsync(1_000)
    backend.latencyMs = 60
    void leases.stop('now')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(backend.operations.size).toBe(0)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(backend.operations.size).toBe(1)
    expect(backend.openOperations).toEqual([])
  })
})

describe('a start', () => {
  it('that the store has no room for is not sent, and can be tried again', async () => {
    const { backend, store, leases } = leasesOf()
    const full = vi.spyOn(store, 'putOperation')
    full.mockRejectedValueOnce(new DOMException('Full.', 'QuotaExceededError'))
    expect(await passing(leases.start())).toMatchObject({ kind: 'retry', problem: { code: 'storage_full' } })
    expect(backend.calls).toEqual([])
    expect(await passing(leases.start())).toMatchObject({ kind: 'granted' })
  })

  it('stops what was left open, and not its own captions', async () => {
    const { backend, store, leases } = leasesOf()
    backend.fail('start', unreachable, 1, true)
    await passing(leases.start())
    await store.putOperation(leftover('left'))
    expect(await passing(leases.start())).toMatchObject({ kind: 'granted' })
    expect(backend.calls.map(call => call.split(' ')[0])).toEqual(['start', 'stop', 'start'])
    expect(store.operations.get('left')?.closedAtMs).toBeDefined()
  })

  it('that own captions stand in the way of stops them at their last sound', async () => {
    const { backend, store, leases } = leasesOf()
    await passing(backend.startLive('left', ''))
    await store.putOperation(leftover('left', { lastAudioAtMs: 4_000 }))
    backend.fail('stop', unreachable)
    expect(await passing(leases.start())).toMatchObject({ kind: 'retry' })
    expect(await passing(leases.start())).toMatchObject({ kind: 'granted' })
    expect(backend.calls).toContain('stop at 4000')
  })

  it('is kept as open while a request for it may still arrive', async () => {
    const { backend, store, leases } = leasesOf()
    backend.fail('start', unreachable, 2)
    await passing(leases.start())
    await vi.advanceTimersByTimeAsync(90_000)
    await passing(leases.start())
    await vi.advanceTimersByTimeAsync(30_000)
    await passing(leases.stop('at_last_sound'))
    const [open] = await store.openOperations()
    expect((open?.startSentAtMs ?? 0) - (open?.startedAtMs ?? 0)).toBeGreaterThan(90_000)
  })

  it('that is refused is kept as open while an earlier request for it may still arrive', async () => {
    const { backend, store, leases } = leasesOf({ credits: 0 })
    backend.fail('start', unreachable)
    await passing(leases.start())
    expect(await passing(leases.start())).toMatchObject({ kind: 'unaffordable' })
    expect(await store.openOperations()).toHaveLength(1)
  })

  it('that is refused at once is closed', async () => {
    const { store, leases } = leasesOf({ credits: 0 })
    expect(await passing(leases.start())).toMatchObject({ kind: 'unaffordable' })
    expect(await store.openOperations()).toEqual([])
  })
})

describe('when a lease ends', () => {
  it('is counted from the request that was answered', async () => {
    const { backend, leases } = leasesOf()
    backend.fail('start', { code: 'upstream_failed', detail: 'No token.' })
    await passing(leases.start())
    await vi.advanceTimersByTimeAsync(60_000)
    const askedAtMs = Date.now()
    await passing(leases.start())
    expect(leases.lease?.endsAtMs).toBe(askedAtMs + 300_000)
  })

  it('is known better once the next one was asked for too early', async () => {
    const { backend, leases } = leasesOf()
    backend.fail('start', unreachable)
    await passing(leases.start())
    await vi.advanceTimersByTimeAsync(60_000)
    const grantedAtMs = Date.now()
    await passing(leases.start())
    expect(leases.lease?.endsAtMs).toBeLessThan(grantedAtMs + 250_000)
    await vi.advanceTimersByTimeAsync(215_000)
    expect(await passing(leases.renew())).toMatchObject({ kind: 'wait' })
    const offMs = (leases.lease?.endsAtMs ?? 0) - (grantedAtMs + 300_000)
    expect(Math.abs(offMs)).toBeLessThan(1_100)
  })
})

describe('a stop', () => {
  it('after the computer slept is as of the last sound before', async () => {
    const { backend, leases, hear } = leasesOf()
    await passing(leases.start())
    await hear(10_000)
    const heardAtMs = Date.now()
    vi.setSystemTime(heardAtMs + 1_800_000)
    leases.heard()
    await passing(leases.stop('at_last_sound'))
    expect(backend.calls.at(-1)).toBe(`stop at ${heardAtMs}`)
  })

  it('where no sound was ever sent costs nothing', async () => {
    const { backend, leases } = leasesOf()
    await passing(leases.start())
    await vi.advanceTimersByTimeAsync(60_000)
    const startedAtMs = Date.now() - 60_060
    await passing(leases.stop('now'))
    expect(Number(backend.calls.at(-1)?.split(' ')[2])).toBeLessThanOrEqual(startedAtMs + 100)
  })

  it('names no time at first, and that of the first try from the second on', async () => {
    const { backend, leases, hear } = leasesOf()
    await passing(leases.start())
    await hear(10_000)
    backend.fail('stop', unreachable, 2)
    const stoppedAtMs = Date.now()
    await passing(leases.stop('now'))
    expect(backend.calls.slice(1)).toEqual(['stop', `stop at ${stoppedAtMs}`, `stop at ${stoppedAtMs}`])
  })
})

describe('the allowance', () => {
  it('is spent for an hour once an early stop gives nothing back', async () => {
    const { refunds, leases, hear } = leasesOf({ allowance: 0 })
    await passing(leases.start())
    await hear(10_000)
    await passing(leases.stop('now'))
    expect(refunds.isWorthIt(Date.now() + 300_000, Date.now())).toBe(false)
    const laterMs = Date.now() + 3_600_000
    expect(refunds.isWorthIt(laterMs + 300_000, laterMs)).toBe(true)
  })

  it('is not spent by a stop at the end of a lease, which has nothing to give back', async () => {
    const { refunds, leases, hear } = leasesOf({ allowance: 0 })
    await passing(leases.start())
    await hear(299_000)
    await passing(leases.stop('now'))
    expect(refunds.isWorthIt(Date.now() + 300_000, Date.now())).toBe(true)
  })

  it('is spent once no further token is given', async () => {
    const { refunds, leases } = leasesOf({ allowance: 0 })
    await passing(leases.start())
    expect(await passing(leases.repeat())).toMatchObject({ kind: 'no_repeat' })
    expect(refunds.isWorthIt(Date.now() + 300_000, Date.now())).toBe(false)
  })

  it('is used by repeated tokens and by what early stops give back', async () => {
    const { refunds, leases, hear } = leasesOf()
    await passing(leases.start())
    for (let count = 0; count < 3; count++) await passing(leases.repeat())
    expect(refunds.isWorthIt(Date.now() + 300_000, Date.now())).toBe(true)
    await hear(1_000)
    await passing(leases.stop('now'))
    expect(refunds.isWorthIt(Date.now() + 300_000, Date.now())).toBe(false)
  })

  it('where it gives no token for a lease that was bought, the one after is what can be waited for', async () => {
    const { backend, leases, hear } = leasesOf({ allowance: 0 })
    await passing(leases.start())
    const endsAtMs = leases.lease?.endsAtMs ?? 0
    await hear(275_000)
    backend.fail('renew', unreachable, 1, true)
    await passing(leases.renew())
    expect(await passing(leases.renew())).toMatchObject({ kind: 'no_repeat' })
    expect(leases.lease).toMatchObject({ number: 2, endsAtMs: endsAtMs + 300_000 })
    expect(backend.credits).toBe(900)
  })
})

describe('a renewal whose answer was lost', () => {
  const renewed = async (): Promise<ReturnType<typeof leasesOf>> => {
    const parts = leasesOf()
    await passing(parts.leases.start())
    await parts.hear(275_000)
    parts.backend.fail('renew', unreachable, 1, true)
    await passing(parts.leases.renew())
    return parts
  }

  it('is asked for again by the same number, and charged once', async () => {
    const { backend, leases } = await renewed()
    expect(await passing(leases.renew())).toMatchObject({ kind: 'granted', lease: { number: 2 } })
    expect(backend.calls).toEqual(['start', 'renew 2', 'renew 2'])
    expect(backend.credits).toBe(900)
  })

  it('is found to be in force when a token is asked for the lease before', async () => {
    const { backend, leases } = await renewed()
    expect(await passing(leases.repeat())).toMatchObject({ kind: 'granted', lease: { number: 2 } })
    expect(backend.calls).toEqual(['start', 'renew 2', 'renew 1', 'renew 2'])
  })
})

it('who asks while the same is being asked for gets the same answer', async () => {
  const { backend, leases, hear } = leasesOf()
  await passing(leases.start())
  await hear(275_000)
  const [first, second] = await passing(Promise.all([leases.renew(), leases.renew()]))
  expect(first).toBe(second)
  expect(backend.calls).toEqual(['start', 'renew 2'])
})

it('a lease ends by this computer’s clock, though the backend’s is hours ahead', async () => {
  const { leases } = leasesOf()
  const askedAtMs = Date.now()
  const answer = await passing(leases.start())
  expect(answer).toMatchObject({
    lease: { endsAtMs: askedAtMs + 300_000, isEndKnown: true, renewFromMs: askedAtMs + 270_060 },
  })
})
