import { describe, expect, it } from 'vitest'
import { creditsUsed, feeOf, packMonths, packsNeeded } from '../../../../bench/cost/margin.ts'
import { dollars } from '../../../../bench/cost/money.ts'

const costs = { vendors: dollars('3.34'), aws: dollars('0.01') }

it("reckons Stripe's fee as a part of the payment and 30 cents", () => {
  expect(feeOf(dollars('19.99'))).toBe(dollars('0.87971'))
  expect(feeOf(dollars('2.99'))).toBe(dollars('0.38671'))
})

describe("what a listener's month takes in credits", () => {
  it('is the price list', () => {
    const { live, channel, transcript, total } = creditsUsed()
    expect(live).toBe(12_000n)
    expect(channel).toBe(600n)
    expect(transcript).toBe(760n)
    expect(total).toBe(live + channel + transcript)
  })

  it('is more than two purchases of any pack bring', () => {
    for (const month of packMonths(costs)) {
      expect(month.credits).toBeLessThan(creditsUsed().total)
      expect(month.coversTenthsOfAPercent).toBeLessThan(1_000n)
    }
  })

  it('costs the vendors no more than the credits that were bought pay for', () => {
    const power = packMonths(costs).find(({ pack }) => pack === 'Power')
    expect(power?.credits).toBe(10_000n)
    expect(power?.paid).toBe(dollars('39.98'))
    expect(power?.vendors).toBe(dollars('2.5'))
    expect(power?.left).toBe(dollars('39.98') - 2n * dollars('0.87971') - dollars('2.5') - dollars('0.01'))
  })

  it('is paid for by as many packs as it needs', () => {
    const power = packsNeeded(costs).find(({ pack }) => pack === 'Power')
    expect(power?.packsThousandths).toBe(2_672n)
    expect(power?.coversTenthsOfAPercent).toBe(1_000n)
    expect(power?.vendors).toBe(costs.vendors)
  })
})
