import { describe, expect, it } from 'vitest'
import { awsPrices } from '../../../../bench/cost/aws-prices-2026-11.ts'
import { billOf, monthlyBill } from '../../../../bench/cost/bill.ts'
import { readMeasured } from '../../../../bench/cost/measured.ts'
import { dollars } from '../../../../bench/cost/money.ts'
import { monthOf } from '../../../../bench/cost/month.ts'
import { nothing, type Quantities } from '../../../../bench/cost/quantities.ts'

const measured = await readMeasured()

const lineOf = (service: keyof Quantities, ...quantities: readonly Quantities[]) =>
  billOf(...quantities).lines.find(line => line.service === service)

describe('a bill', () => {
  it.each([
    ['writes', 1_000_000n, '0.625'],
    ['reads', 2_000_000n, '0.125'],
    ['requests', 1_000_000n, '1'],
    ['invocations', 1_000_000n, '0.2'],
    ['compute', 1_024_000n * 1_000_000n, '13.3334'],
    ['logsIn', 1_073_741_824n, '0.5'],
    ['dataOut', 1_073_741_824n, '0.09'],
    ['keys', 10_000n, '0.03'],
    ['alarms', 1n, '0.1'],
    ['metricHours', 730n, '0.3'],
  ] as const)('has for %s of %s a price of $%s', (service, quantity, price) => {
    expect(lineOf(service, { ...nothing, [service]: quantity })?.beforeAllowance).toBe(dollars(price))
  })

  it('charges nothing up to an allowance, and from there what is beyond it', () => {
    const { alwaysFree } = awsPrices.invocations
    const used = (invocations: bigint): Quantities => ({ ...nothing, invocations })
    expect(lineOf('invocations', used(alwaysFree))?.afterAllowance).toBe(0n)
    expect(lineOf('invocations', used(alwaysFree + 5n))?.afterAllowance).toBe(1_000n)
  })

  it('takes an allowance off once, however many parts use it', () => {
    const part: Quantities = { ...nothing, alarms: 8n }
    expect(billOf(part, part).afterAllowance).toBe(dollars('0.6'))
    expect(billOf(part, part).beforeAllowance).toBe(dollars('1.6'))
  })

  it('is the sum of its lines', () => {
    const bill = monthlyBill(monthOf(measured))
    const sum = (field: 'beforeAllowance' | 'afterAllowance') =>
      bill.lines.reduce((total, line) => total + line[field], 0n)
    expect([bill.beforeAllowance, bill.afterAllowance]).toEqual([
      sum('beforeAllowance'),
      sum('afterAllowance'),
    ])
  })
})
