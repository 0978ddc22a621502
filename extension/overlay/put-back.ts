const limit = 10
const withinMs = 10_000

/**
 * When the overlay may be put back on a page that has removed it: at once, until a page keeps at it.
 *
 * @param putBackAtMs when it was put back before, the latest last
 * @returns how long to wait, and what is to be remembered of the past
 */
export function putBack(
  putBackAtMs: readonly number[],
  nowMs: number,
): { readonly delayMs: number; readonly putBackAtMs: readonly number[] } {
  const recent = putBackAtMs.filter(atMs => nowMs - atMs < withinMs)
  const oldest = recent.at(-limit)
  const delayMs = oldest === undefined ? 0 : oldest + withinMs - nowMs
  return { delayMs, putBackAtMs: [...recent, nowMs + delayMs] }
}
