import { describe, expect, it } from 'vitest'
import { type CheckoutWatch, createCheckoutWatch } from '../../../../extension/background/checkout-watch.ts'
import type { BalanceResponse } from '../../../../src/contracts/credits.ts'

/** A browser in which time passes where somebody waits. @param bought in all, look by look; the last one stays */
function browser(bought: readonly (number | Error)[]) {
  const world = {
    nowMs: 1_000_000,
    pausesMs: [] as number[],
    looks: 0,
    record: undefined as CheckoutWatch | undefined,
    isAlarmSet: false,
    /** After so many pauses the worker dies: nothing of it goes on. */
    diesAfterPauses: Number.POSITIVE_INFINITY,
  }
  const worker = () =>
    createCheckoutWatch({
      refreshBalance: async () => {
        const now = bought[Math.min(world.looks, bought.length - 1)]
        world.looks += 1
        if (now === undefined || now instanceof Error) throw now
        return { total_credits_purchased: now } as BalanceResponse
      },
      nowMs: () => world.nowMs,
      wait: async ms => {
        if (world.pausesMs.length === world.diesAfterPauses) await new Promise(() => undefined)
        world.pausesMs.push(ms)
        world.nowMs += ms
      },
      record: {
        read: async () => world.record,
        write: async record => {
          world.record = record
        },
        clear: async () => {
          world.record = undefined
        },
      },
      alarm: {
        begin: async () => {
          world.isAlarmSet = true
        },
        end: async () => {
          world.isAlarmSet = false
        },
      },
    })
  return Object.assign(world, { worker })
}

async function watch(bought: readonly (number | Error)[], purchasedBefore?: number) {
  const world = browser(bought)
  await world.worker().begin(purchasedBefore)
  return world
}

describe('after Checkout the balance', () => {
  it('is looked at until what was bought is there', async () => {
    expect((await watch([0, 0, 500], 0)).looks).toBe(3)
  })

  it('is looked at once where the payment was faster', async () => {
    expect(await watch([500], 0)).toMatchObject({ looks: 1, pausesMs: [] })
  })

  it('is compared with the first look where nothing was known', async () => {
    expect((await watch([500, 500, 1_000])).looks).toBe(3)
  })

  it('is looked at through failures', async () => {
    expect((await watch([new Error('no network'), 500], 0)).looks).toBe(2)
  })

  it('is given up after two minutes, with pauses that grow and none in which a worker would die', async () => {
    const { pausesMs, record, isAlarmSet } = await watch([0], 0)
    expect(pausesMs.reduce((sum, ms) => sum + ms, 0)).toBe(120_000)
    expect(pausesMs).toEqual(pausesMs.toSorted((one, other) => one - other))
    expect(Math.max(...pausesMs)).toBeLessThan(30_000)
    expect({ record, isAlarmSet }).toEqual({ record: undefined, isAlarmSet: false })
  })
})

describe('a worker that dies while a payment is awaited', () => {
  it('leaves the rest of the two minutes to the next one', async () => {
    const world = browser([0])
    world.diesAfterPauses = 5
    void world.worker().begin(0)
    await expect.poll(() => world.looks).toBe(6)
    expect(world.isAlarmSet).toBe(true)
    world.diesAfterPauses = Number.POSITIVE_INFINITY
    const endsAtMs = 1_000_000 + 120_000
    await world.worker().carryOn()
    expect(world.nowMs).toBeGreaterThanOrEqual(endsAtMs)
    expect(world.nowMs).toBeLessThan(endsAtMs + 25_000)
    expect(world.isAlarmSet).toBe(false)
  })

  it('leaves it to compare with what had been bought before', async () => {
    const world = browser([0, 500])
    world.diesAfterPauses = 0
    void world.worker().begin(0)
    await expect.poll(() => world.looks).toBe(1)
    await world.worker().carryOn()
    expect(world).toMatchObject({ looks: 2, record: undefined, isAlarmSet: false })
  })

  it('is not taken over from while it lives', async () => {
    const world = browser([0])
    world.diesAfterPauses = 1
    const worker = world.worker()
    void worker.begin(0)
    await expect.poll(() => world.looks).toBe(2)
    void worker.carryOn()
    await new Promise(resolve => setTimeout(resolve))
    expect(world.looks).toBe(2)
  })

  it('has nobody woken for what is over', async () => {
    const world = browser([0])
    world.isAlarmSet = true
    await world.worker().carryOn()
    expect(world).toMatchObject({ looks: 0, isAlarmSet: false })
  })
})
