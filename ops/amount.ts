import { OpsProblem } from './problem.ts'

/** Money as AWS's bills have it: a whole number of 10^-10 dollars, so that sums are exact. */
export type Amount = bigint

const decimals = 10
const unit = 10n ** BigInt(decimals)
const cent = unit / 100n

/**
 * Reads a decimal number of dollars, such as 0.0123456789 or 1.2E-7; what is below 10^-10 dollars is cut off.
 * @throws {OpsProblem} when it is none
 */
export const readAmount = (text: string): Amount => {
  const match = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (!match) throw new OpsProblem(`AWS answers "${text}" where an amount should be.`)
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const digits = BigInt(whole + fraction)
  const shift = decimals - fraction.length + Number(exponent)
  const value = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift)
  return sign === '-' ? -value : value
}

export const sumOf = (amounts: readonly Amount[]): Amount => amounts.reduce((sum, amount) => sum + amount, 0n)

/** Cents, rounded half away from zero. */
export const toCents = (amount: Amount): number => {
  const absolute = amount < 0n ? -amount : amount
  const cents = Number((absolute + cent / 2n) / cent)
  return amount < 0n && cents > 0 ? -cents : cents
}

/** Dollars to the fourth decimal, as a number without a sign for its currency: what one service costs is less than a cent. */
export const toDecimal = (amount: Amount): string => {
  const step = unit / 10_000n
  const absolute = amount < 0n ? -amount : amount
  const steps = (absolute + step / 2n) / step
  const text = `${steps / 10_000n}.${String(steps % 10_000n).padStart(4, '0')}`
  return amount < 0n && steps > 0n ? `-${text}` : text
}

/** What a thousand of something cost, when `count` of it cost `amount`; undefined where there is none. */
export const perThousand = (amount: Amount, count: number): Amount | undefined =>
  count === 0 ? undefined : (amount * 1_000n) / BigInt(count)
