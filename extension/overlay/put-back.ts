const limit = 10
const withinMs = 10_000

/**
 * How long to wait before the overlay is put back on a page that has removed it: not at all, until a page keeps at it.
 *
 * @param putBackAtMs when it was put back before
 */
export function putBackDelayMs(putBackAtMs: readonly number[], nowMs: number): number {
  const recent = putBackAtMs.filter(atMs => nowMs - atMs < withinMs)
  const oldest = recent.at(-limit)
  return oldest === undefined ? 0 : oldest + withinMs - nowMs
}
