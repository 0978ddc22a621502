import type { Backoff } from './ports.ts'

const firstMs = 10
const longestMs = 500

/** Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): anything up to a limit that doubles. */
export const fullJitter =
  (random: () => number, sleep: (milliseconds: number) => Promise<void>): Backoff =>
  attempt =>
    sleep(random() * Math.min(longestMs, firstMs * 2 ** attempt))
