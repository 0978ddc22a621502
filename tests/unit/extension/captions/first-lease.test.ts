import { expect, it } from 'vitest'
import { systemClock } from '../../../../extension/captions/clock.ts'
import { firstLease } from '../../../../extension/captions/first-lease.ts'
import { Leases } from '../../../../extension/captions/leases.ts'
import { RefundCount } from '../../../../extension/captions/refund-count.ts'
import { FakeBackend } from './support/fake-backend.ts'
import { MemoryStore } from './support/memory-store.ts'

it.each([
  ['nothing was asked for', 0, /Nothing was charged/],
  ['an answer was lost', 1, /Look at your credits/],
])('captions that are stopped when %s say truly what was charged', async (_when, starts, detail) => {
  const api = new FakeBackend()
  api.fail('start', { code: 'unreachable', detail: 'No answer.' }, 1, true)
  const leases = new Leases(
    {
      api,
      store: new MemoryStore(),
      clock: systemClock,
      random: () => 0,
      refunds: new RefundCount(),
      onBalanceMoved: () => undefined,
    },
    { sessionId: 'session-1', account: 'ann', language: '' },
  )
  const over = new AbortController()
  if (starts === 0) over.abort()
  else setTimeout(() => over.abort(), 200)
  const options = { leases, api, clock: systemClock, random: () => 0, takeOver: false }
  await expect(firstLease(options, over.signal)).rejects.toMatchObject({ view: { detail } })
  expect(api.calls).toHaveLength(starts)
})
