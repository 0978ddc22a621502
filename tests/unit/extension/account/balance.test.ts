import { describe, expect, it } from 'vitest'
import { createBalance, type SeenBalance } from '../../../../extension/account/balance.ts'
import type { BalanceResponse } from '../../../../src/contracts/credits.ts'

const balanceOf = (credits: number): BalanceResponse => ({
  credits_available: credits,
  credits_balance: credits,
  credits_held: 0,
  grants: [],
  total_credits_purchased: 0,
  total_usage: 0,
})

/** A balance that grows by one with each look, by a clock that moves where somebody waits. */
function watched(seen?: SeenBalance) {
  const looksAtMs: number[] = []
  let nowMs = 10_000
  let stored = seen
  const balance = createBalance({
    ask: async () => {
      looksAtMs.push(nowMs)
      return balanceOf(looksAtMs.length)
    },
    read: async () => stored,
    write: async next => {
      stored = next
    },
    nowMs: () => nowMs,
    wait: async ms => {
      await Promise.resolve()
      nowMs += ms
    },
  })
  return { balance, looksAtMs, stored: () => stored }
}

describe('the balance', () => {
  it('is given as last seen, without asking', async () => {
    const { balance, looksAtMs } = watched({ value: balanceOf(7), atMs: 1 })
    expect(await balance.seen()).toEqual(balanceOf(7))
    expect(looksAtMs).toEqual([])
  })

  it('is asked for where it was never seen', async () => {
    const { balance } = watched()
    expect(await balance.seen()).toEqual(balanceOf(1))
  })

  it('is stored with the time at which it was asked for', async () => {
    const { balance, stored } = watched()
    await balance.refresh()
    expect(stored()).toEqual({ value: balanceOf(1), atMs: 10_000 })
  })

  it('is asked for once for all who want it at the same time', async () => {
    const { balance, looksAtMs } = watched()
    const all = await Promise.all([balance.refresh(), balance.refresh(), balance.refresh()])
    expect(all).toEqual([balanceOf(1), balanceOf(1), balanceOf(1)])
    expect(looksAtMs).toHaveLength(1)
  })

  it('is asked for a second after the last time at the soonest', async () => {
    const { balance, looksAtMs } = watched()
    await balance.refresh()
    await balance.refresh()
    expect(looksAtMs).toEqual([10_000, 11_000])
  })

  it('is asked for again where that is wanted after an answer was under way, which may be too old', async () => {
    let answer: (value: BalanceResponse) => void = () => undefined
    let looks = 0
    const balance = createBalance({
      ask: () => {
        looks += 1
        return looks === 1 ? new Promise(resolve => (answer = resolve)) : Promise.resolve(balanceOf(2))
      },
      read: async () => undefined,
      write: async () => undefined,
      nowMs: () => 0,
      wait: async () => undefined,
    })
    const first = balance.refresh()
    await expect.poll(() => looks).toBe(1)
    const second = balance.refresh()
    answer(balanceOf(1))
    expect(await Promise.all([first, second])).toEqual([balanceOf(1), balanceOf(2)])
  })

  it('stays as it was seen last where an earlier answer comes late', async () => {
    const answers: ((value: BalanceResponse) => void)[] = []
    const written: number[] = []
    const balance = createBalance({
      ask: () => new Promise(resolve => answers.push(resolve)),
      read: async () => undefined,
      write: async ({ value }) => void written.push(value.credits_available),
      nowMs: () => 0,
      wait: async () => undefined,
    })
    const first = balance.refresh()
    await expect.poll(() => answers.length).toBe(1)
    const second = balance.refresh()
    await expect.poll(() => answers.length).toBe(2)
    answers[1]?.(balanceOf(2))
    await second
    answers[0]?.(balanceOf(1))
    await first
    expect(written).toEqual([2])
  })

  it('can be asked for again after a failure', async () => {
    let looks = 0
    const balance = createBalance({
      ask: async () => {
        looks += 1
        if (looks === 1) throw new Error('no network')
        return balanceOf(2)
      },
      read: async () => undefined,
      write: async () => undefined,
      nowMs: () => 0,
      wait: async () => undefined,
    })
    await expect(balance.refresh()).rejects.toThrow('no network')
    expect(await balance.refresh()).toEqual(balanceOf(2))
  })
})
