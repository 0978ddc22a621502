const firstMs = 500
const longestMs = 10_000

/**
 * How long to wait before the next try: 0.5 s after the first failure, twice as long after each further one up to 10 s,
 * and a random part of it less, so that many clients that were cut off at once don't come back at once.
 *
 * @param failures so far, at least 1
 * @param random from 0 to 1
 */
export function backoffMs(failures: number, random: () => number): number {
  const fullMs = Math.min(longestMs, firstMs * 2 ** (failures - 1))
  return fullMs * (1 - random() / 2)
}
