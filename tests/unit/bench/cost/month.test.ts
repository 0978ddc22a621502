import { describe, expect, it } from 'vitest'
import { usage } from '../../../../bench/cost/assumptions.ts'
import {
  coldStarts,
  keyRequests,
  lambdaCpuMs,
  pollsOf,
  scheduledKeyRequests,
} from '../../../../bench/cost/calls.ts'
import { type Measured, readMeasured } from '../../../../bench/cost/measured.ts'
import { callsOf, monthOf } from '../../../../bench/cost/month.ts'

const recorded = await readMeasured()
/** As if the tables' keys were the account's, whatever the template says. */
const measured = { ...recorded, standing: { ...recorded.standing, tables_with_keys_of_the_account: 4 } }

const timesOf = (name: string, channelCatchups?: bigint): bigint =>
  callsOf(measured, channelCatchups).find(call => call.name === name)?.times ?? 0n

/** The same measurement with one call's numbers changed. */
const changed = (name: string, change: Partial<Measured['calls'][string]>): Measured => {
  const call = measured.calls[name]
  if (!call) throw new Error(`${name} was not measured.`)
  return { ...measured, calls: { ...measured.calls, [name]: { ...call, ...change } } }
}

describe('a month of 1,000 listeners', () => {
  it('has the calls of 20 hours in leases of five minutes', () => {
    expect(timesOf('stream_start')).toBe(20_000n)
    expect(timesOf('stream_renew')).toBe(220_000n)
    expect(timesOf('stream_stop')).toBe(20_000n)
  })

  it('has 40 catch-ups a listener, whatever part of them is from a channel', () => {
    for (const fromChannels of [0n, 2n, 40n]) {
      expect(timesOf('catchup_channel', fromChannels)).toBe(fromChannels * 1_000n)
      expect(timesOf('catchup_transcript', fromChannels)).toBe((40n - fromChannels) * 1_000n)
      expect(timesOf('catchup_poll_done', fromChannels)).toBe(40_000n)
    }
  })

  it('has 60 logins and refreshes, two purchases with their webhooks, and 200 reads of the balance', () => {
    expect(usage.logins + usage.refreshes).toBe(60n)
    expect(timesOf('login') + timesOf('refresh')).toBe(60_000n)
    expect(timesOf('purchase')).toBe(2_000n)
    expect(timesOf('webhook_stripe')).toBe(2_000n)
    expect(timesOf('balance')).toBe(200_000n)
  })

  it('multiplies what a sample took by how often it comes', () => {
    const writes = (writeUnits: number) =>
      monthOf(changed('stream_start', { samples: 2, write_units: writeUnits })).ofUse.writes
    expect(writes(10) - writes(8)).toBe(20_000n)
  })

  it('asks for a catch-up that takes longer more often', () => {
    const slow = { cpu_us: 60_000_000, warm_samples: 1 }
    const polls = (from: Measured) => callsOf(from).find(({ name }) => name === 'catchup_poll')?.times ?? 0n
    expect(polls(changed('summary_transcript', slow))).toBeGreaterThan(polls(measured))
  })

  it('stores more each month, and nothing else grows but what reads and copies it', () => {
    const [first, second] = [1n, 13n].map(months => monthOf(measured, { months }))
    expect(second?.ofUse).toEqual(first?.ofUse)
    expect(second?.standing.stored).toBeGreaterThan(first?.standing.stored ?? 0n)
    expect(second?.ofSchedules.reads).toBeGreaterThan(first?.ofSchedules.reads ?? 0n)
    expect(second?.standing.alarms).toBe(first?.standing.alarms)
  })
})

describe("how often KMS is asked for tables' keys", () => {
  const calls = (times: bigint) => [{ name: 'balance', times, isRequest: true }]

  it('is hardly ever, by who is never idle for five minutes', () => {
    expect(keyRequests(measured, calls(200_000n), 'once_idle')).toBe(1n)
    expect(keyRequests(measured, calls(200_000n), 'each_five_minutes')).toBe(8_640n)
  })

  it('is nearly each time, by who is mostly idle', () => {
    expect(keyRequests(measured, calls(10n), 'once_idle')).toBe(10n)
    expect(keyRequests(measured, calls(10n), 'each_five_minutes')).toBe(10n)
  })

  it('is once for each table that a schedule uses', () => {
    const tables = BigInt(measured.calls.sweep?.tables.length ?? 0)
    expect(scheduledKeyRequests(measured, 'sweep', 100n)).toBe(100n * tables)
  })

  it("is never where the keys are AWS's own", () => {
    const free = { ...measured, standing: { ...measured.standing, tables_with_keys_of_the_account: 0 } }
    expect(keyRequests(free, calls(10n), 'once_idle')).toBe(0n)
    expect(scheduledKeyRequests(free, 'sweep', 100n)).toBe(0n)
  })
})

describe('what Lambda bills', () => {
  it('is longer by the share of a processor that the memory brings', () => {
    expect(lambdaCpuMs(10_000, 1_769)).toBeCloseTo(15)
    expect(lambdaCpuMs(10_000, 256)).toBeCloseTo((15 * 1_769) / 256)
    expect(lambdaCpuMs(10_000, 3_538)).toBe(lambdaCpuMs(10_000, 1_769))
  })

  it.each([
    [1n, 1n],
    [8_640n, 3_265n],
    [1_000_000n, 10_000n],
  ])('begins %s calls a month in %s new environments', (times, starts) => {
    expect(coldStarts(times)).toBe(starts)
  })

  it.each([
    [0, 1n],
    [1_900, 1n],
    [1_901, 2n],
    [39_900, 20n],
  ])('has the extension ask for what takes %s ms %s times', (durationMs, polls) => {
    expect(pollsOf(durationMs, 2_000)).toBe(polls)
  })
})
