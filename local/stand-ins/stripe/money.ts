/**
 * An amount in a currency's smallest unit as people read it: `formatAmount(999, 'usd')` is `$9.99`.
 * Codes that `Intl` does not know are shown with two decimals.
 */
export function formatAmount(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency })
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(amount / 10 ** decimals)
}
