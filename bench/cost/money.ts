/** Billionths of a dollar: small enough for what one request costs. */
export type NanoDollars = bigint

export const nanosADollar = 1_000_000_000n

/** So many billionths of a dollar for each `per` of something. */
export interface Price {
  readonly nanoDollars: NanoDollars
  readonly per: bigint
}

const roundedUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor

/** What a quantity costs, a part of a billionth counted as a whole one. */
export const costOf = (quantity: bigint, { nanoDollars, per }: Price): NanoDollars =>
  roundedUp(quantity * nanoDollars, per)

/** A price from dollars as price lists write them: `dollars('0.625')`. */
export const dollars = (text: string): NanoDollars => {
  const match = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text)
  if (!match) throw new RangeError(`"${text}" is no amount in dollars with at most nine decimals.`)
  const [, whole = '0', decimals = ''] = match
  return BigInt(whole) * nanosADollar + BigInt(decimals.padEnd(9, '0'))
}

/** An amount with so many decimals, the rest rounded: `$0.84`. */
export const format = (amount: NanoDollars, decimals = 2): string => {
  const step = 10n ** BigInt(9 - decimals)
  const absolute = amount < 0n ? -amount : amount
  const rounded = (absolute + step / 2n) / step
  const scale = 10n ** BigInt(decimals)
  const whole = (rounded / scale).toLocaleString('en-US')
  const sign = amount < 0n && rounded > 0n ? '−' : ''
  return `${sign}$${whole}.${(rounded % scale).toString().padStart(decimals, '0')}`
}

/** Scales a total that was measured over samples up to so many of them, rounded up. */
export const scaled = (total: number | bigint, samples: number | bigint, times: bigint): bigint =>
  roundedUp(BigInt(total) * times, BigInt(samples))
