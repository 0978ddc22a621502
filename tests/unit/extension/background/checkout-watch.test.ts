import { describe, expect, it } from 'vitest'
import { awaitPurchase } from '../../../../extension/background/checkout-watch.ts'
import type { BalanceResponse } from '../../../../src/contracts/credits.ts'

/** Looks until the purchase is seen. @param bought what has been bought in all, look by look; the last one stays */
async function watch(bought: readonly (number | Error)[], purchasedBefore?: number) {
  const pausesMs: number[] = []
  let looks = 0
  await awaitPurchase(
    {
      refreshBalance: async () => {
        const now = bought[Math.min(looks, bought.length - 1)]
        looks += 1
        if (now === undefined || now instanceof Error) throw now
        return { total_credits_purchased: now } as BalanceResponse
      },
      wait: async ms => void pausesMs.push(ms),
    },
    purchasedBefore,
  )
  return { looks, pausesMs }
}

describe('after Checkout the balance', () => {
  it('is looked at until what was bought is there', async () => {
    expect((await watch([0, 0, 500], 0)).looks).toBe(3)
  })

  it('is looked at once where the payment was faster', async () => {
    expect(await watch([500], 0)).toEqual({ looks: 1, pausesMs: [] })
  })

  it('is compared with the first look where nothing was known', async () => {
    expect((await watch([500, 500, 1_000])).looks).toBe(3)
  })

  it('is looked at through failures', async () => {
    expect((await watch([new Error('no network'), 500], 0)).looks).toBe(2)
  })

  it('is given up after two minutes, with pauses that grow and none in which a worker would die', async () => {
    const { pausesMs } = await watch([0], 0)
    expect(pausesMs.reduce((sum, ms) => sum + ms, 0)).toBe(120_000)
    expect(pausesMs).toEqual(pausesMs.toSorted((one, other) => one - other))
    expect(Math.max(...pausesMs)).toBeLessThan(30_000)
  })
})
