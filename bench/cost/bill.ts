import { type AwsService, awsPrices } from './aws-prices-2026-11.ts'
import { costOf, type NanoDollars } from './money.ts'
import type { Month } from './month.ts'
import type { Quantities } from './quantities.ts'

export interface BillLine {
  readonly service: AwsService
  readonly quantity: bigint
  readonly beforeAllowance: NanoDollars
  readonly afterAllowance: NanoDollars
}

export interface Bill {
  readonly lines: readonly BillLine[]
  readonly beforeAllowance: NanoDollars
  readonly afterAllowance: NanoDollars
}

const services = Object.keys(awsPrices) as AwsService[]

const lineOf = (service: AwsService, quantity: bigint): BillLine => {
  const { price, alwaysFree } = awsPrices[service]
  const charged = quantity > alwaysFree ? quantity - alwaysFree : 0n
  return {
    service,
    quantity,
    beforeAllowance: costOf(quantity, price),
    afterAllowance: costOf(charged, price),
  }
}

const add = (...quantities: readonly Quantities[]): Quantities =>
  Object.fromEntries(
    services.map(service => [service, quantities.reduce((sum, one) => sum + one[service], 0n)]),
  ) as Record<AwsService, bigint>

/** What quantities cost, line by line: without the allowances that every account has, and with them. */
export const billOf = (...quantities: readonly Quantities[]): Bill => {
  const all = add(...quantities)
  const lines = services.map(service => lineOf(service, all[service]))
  return {
    lines,
    beforeAllowance: lines.reduce((sum, line) => sum + line.beforeAllowance, 0n),
    afterAllowance: lines.reduce((sum, line) => sum + line.afterAllowance, 0n),
  }
}

/** The whole month: allowances are the account's, so they are taken off once. */
export const monthlyBill = ({ ofUse, ofSchedules, standing }: Month): Bill =>
  billOf(ofUse, ofSchedules, standing)
