import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LiveRules } from '../../src/domain/live-lease.ts'
import { connect } from '../support/database.ts'
import { imbalance, readBooks } from '../support/ledger.ts'
import { liveRules } from '../support/live.ts'
import { boundSeconds, LyingClient, type Span, spanOf, spansOf } from '../support/lying-client.ts'

const hourSeconds = 3_600
const daySeconds = 24 * hourSeconds
const startMs = Math.floor(Date.now() / 1_000) * 1_000

const openClient = (credits = 50_000, rules: LiveRules = liveRules): Promise<LyingClient> =>
  LyingClient.open({ database: connect(), rules, credits, startMs })

const mostFree = (spans: readonly Span[]): number => Math.max(...spans.map(span => span.freeSeconds))

/** What is free by the leases that were renewed from, each with its own window. */
const boundOfRenewed = ({ allowanceUses, renewedSeconds }: Span, rules: LiveRules): number =>
  boundSeconds(allowanceUses, renewedSeconds, rules)

/** What is free by what was paid. */
const boundOfPaid = ({ allowanceUses, paidSeconds }: Span, rules: LiveRules): number =>
  boundSeconds(allowanceUses, paidSeconds, rules)

/**
 * Holds a client to the bound, from its first call to its last and in every hour and every day.
 * @returns the most that it got for nothing in each
 */
const holdToBound = async (client: LyingClient): Promise<{ hour: number; day: number }> => {
  const { deals, rules } = client
  client.wait(rules.redeemSeconds)
  expect(client.replay(), 'a token that was used or is late opens no socket').toBe(0)
  const whole = spanOf(deals)
  expect(whole.freeSeconds).toBeLessThanOrEqual(boundOfPaid(whole, rules))
  const [hours, days] = [spansOf(deals, hourSeconds), spansOf(deals, daySeconds)]
  for (const span of [...hours, ...days]) {
    expect(span.freeSeconds).toBeLessThanOrEqual(boundOfRenewed(span, rules))
    // The lease that is in force when a span begins was paid before, and its window may be in the span.
    expect(span.freeSeconds).toBeLessThanOrEqual(boundOfPaid(span, rules) + rules.renewWindowSeconds)
  }
  for (const span of hours) expect(span.allowanceUses).toBeLessThanOrEqual(rules.allowancePerHour)
  for (const span of days) expect(span.allowanceUses).toBeLessThanOrEqual(rules.allowancePerDay)
  expect(imbalance(await readBooks(client.ledger, client.userId))).toBe(0)
  return { hour: mostFree(hours), day: mostFree(days) }
}

/** Does something again and again. */
const forHours = async (client: LyingClient, hours: number, turn: () => Promise<void>): Promise<void> => {
  while (client.nowMs < startMs + hours * hourSeconds * 1_000) await turn()
}

/** Captions that go on, with something done in each lease right after it was sold. */
const captionForHours = async (
  client: LyingClient,
  hours: number,
  eachLease: () => Promise<void>,
): Promise<void> => {
  await client.start()
  await forHours(client, hours, async () => {
    await client.waitForRenewal()
    await client.renew()
    await eachLease()
  })
}

describe('a client gets for nothing what the bound allows, and no more:', () => {
  it('one that stops at once keeps the lease of each refund but the credit that it costs', async () => {
    const client = await openClient()
    await forHours(client, 26, async () => {
      await client.start()
      await client.stop()
      client.wait(500)
    })
    expect(await holdToBound(client)).toEqual({ hour: 6 * 294, day: 20 * 294 })
  })

  it('one that never stops gets nothing', async () => {
    const client = await openClient()
    await forHours(client, 10, async () => {
      await client.start()
      client.wait(600)
    })
    expect(await holdToBound(client)).toEqual({ hour: 0, day: 0 })
  })

  it('one that renews and vanishes gets the window of each renewal', async () => {
    const client = await openClient()
    await forHours(client, 10, async () => {
      await client.start()
      await client.waitForRenewal()
      await client.renew()
      client.wait(330)
    })
    expect(await holdToBound(client)).toEqual({ hour: 6 * 30, day: 60 * 30 })
  })

  it('one that repeats its start gets a lease for each repeat', async () => {
    const client = await openClient()
    await forHours(client, 5, async () => {
      await client.start()
      for (let repeat = 0; repeat < 7; repeat++) await client.repeatStart()
      client.wait(900)
    })
    expect(await holdToBound(client)).toEqual({ hour: 6 * 300, day: 20 * 300 })
  })

  it('one that repeats its renewals gets all that there is to get', async () => {
    const client = await openClient()
    await captionForHours(client, 25, () => client.repeatRenewal())
    expect(await holdToBound(client)).toEqual({ hour: 6 * 330 + 12 * 30, day: 20 * 330 + 288 * 30 })
  })

  it('one that hoards its tokens and replays them gets no more than one that does not', async () => {
    const client = await openClient()
    await captionForHours(client, 5, async () => {
      await client.repeatRenewal(59.9)
      expect(client.replay()).toBe(0)
    })
    expect(await holdToBound(client)).toEqual({ hour: 6 * 330 + 12 * 30, day: 20 * 330 + 61 * 30 })
  })

  it('one that opens its tokens too late gets nothing for what it paid', async () => {
    const client = await openClient()
    await client.start(60)
    await client.repeatStart(61)
    expect(await holdToBound(client)).toEqual({ hour: -300, day: -300 })
    expect(client.deals).toMatchObject([
      { sessionSeconds: 0, paidCredits: 50 },
      { sessionSeconds: 0, paidCredits: 0 },
    ])
  })

  it('one that says that it ended long ago gets the last lease, by the allowance', async () => {
    const client = await openClient()
    await forHours(client, 26, async () => {
      await client.start()
      client.wait(3_000)
      await client.stop(startMs)
    })
    expect(await holdToBound(client)).toEqual({ hour: 2 * 294, day: 20 * 294 })
  })

  it('one that renews and takes the renewal back gets that lease and its window', async () => {
    const client = await openClient()
    await forHours(client, 5, async () => {
      await client.start()
      await client.waitForRenewal()
      await client.renew()
      await client.stop(startMs)
    })
    expect(await holdToBound(client)).toEqual({ hour: 6 * 300 + 14 * 30, day: 20 * 300 + 67 * 30 })
  })

  it.each([
    [10, { leases: 60, leaseSeconds: 60, windowSeconds: 6 }],
    [12, { leases: 50, leaseSeconds: 72, windowSeconds: 7 }],
  ])(
    'one that parks all but %i credits gets short leases, with windows as short',
    async (credits, expected) => {
      const client = await openClient(2_000)
      await client.park(credits)
      await client.start()
      await forHours(client, 3, async () => {
        await client.park(credits)
        await client.waitForRenewal()
        await client.renew()
      })
      const { leases, leaseSeconds, windowSeconds } = expected
      const renewals = client.deals.slice(1)
      expect(new Set(renewals.map(deal => deal.renewedSeconds))).toEqual(new Set([leaseSeconds]))
      expect(await holdToBound(client)).toEqual({
        hour: leases * windowSeconds,
        day: (3 * leases + 1) * windowSeconds,
      })
    },
  )

  it('one with little money gets a short lease for the last of it', async () => {
    const client = await openClient(65)
    await client.start()
    await client.waitForRenewal()
    await client.renew()
    expect(await holdToBound(client)).toEqual({ hour: 30, day: 30 })
    expect((await client.account()).creditsBalance).toBe(0)
  })
})

/**
 * What a client may do next. `number` is the second in which it opens the token, that of which it says that it ended
 * then, how long it waits, or how many credits it keeps.
 */
const turns = {
  start: (client: LyingClient, seconds: number) => client.start(seconds),
  repeatStart: (client: LyingClient, seconds: number) => client.repeatStart(seconds),
  renew: (client: LyingClient, seconds: number) => client.renew(seconds),
  repeatRenewal: (client: LyingClient, seconds: number) => client.repeatRenewal(seconds),
  renewAnOlderLease: (client: LyingClient) => client.renew(0, -1),
  renewTheOneAfterTheNext: (client: LyingClient) => client.renew(0, 2),
  stop: (client: LyingClient) => client.stop(),
  lie: (client: LyingClient, seconds: number) => client.stop(client.nowMs + seconds * 1_000),
  wait: async (client: LyingClient, seconds: number) => client.wait(Math.max(0, seconds)),
  waitForRenewal: (client: LyingClient) => client.waitForRenewal(),
  park: (client: LyingClient, credits: number) => client.park(credits),
  renewParked: async (client: LyingClient, credits: number) => {
    await client.park(credits)
    await client.waitForRenewal()
    await client.renew()
  },
  unpark: (client: LyingClient) => client.unpark(),
}

const turnOf = (names: readonly (keyof typeof turns)[], number: fc.Arbitrary<number>) =>
  fc.record({ name: fc.constantFrom(...names), number })

const anyTurn = fc.oneof(
  {
    weight: 5,
    arbitrary: turnOf(['start', 'repeatStart', 'renew', 'repeatRenewal'], fc.constantFrom(0, 30, 59.9, 60)),
  },
  { weight: 3, arbitrary: turnOf(['waitForRenewal'], fc.constant(0)) },
  { weight: 5, arbitrary: turnOf(['park', 'renewParked', 'renewParked'], fc.integer({ min: 9, max: 51 })) },
  { weight: 2, arbitrary: turnOf(['stop'], fc.constant(0)) },
  { weight: 2, arbitrary: turnOf(['lie'], fc.integer({ min: -4_000, max: 4_000 })) },
  turnOf(['renewAnOlderLease', 'renewTheOneAfterTheNext', 'unpark'], fc.constant(0)),
  turnOf(['wait'], fc.double({ min: 0, max: 31, noNaN: true })),
  turnOf(['wait'], fc.constantFrom(270, 300, 330, 3_599, 3_600, 3_601, 3_961)),
)

/** An allowance that is soon spent. */
const strictRules: LiveRules = { ...liveRules, allowancePerHour: 1, allowancePerDay: 3 }

it('any client, whatever it does, gets no more than the bound in any hour and any day', async () => {
  const clients = fc.record({
    rules: fc.constantFrom(liveRules, strictRules, strictRules),
    credits: fc.constantFrom(12, 65, 1_000, 1_000),
    played: fc.array(anyTurn, { minLength: 20, maxLength: 60, size: 'max' }),
  })
  await fc.assert(
    fc.asyncProperty(clients, async ({ rules, credits, played }) => {
      const client = await openClient(credits, rules)
      for (const { name, number } of played) await turns[name](client, number)
      await holdToBound(client)
    }),
    { numRuns: 30, interruptAfterTimeLimit: 45_000 },
  )
})
