import type { HeardWord } from '../worker.ts'

/**
 * How many words of a growing piece can be taken for final: those that two looks in a row agree on, but not the
 * last word, which may still grow ("to" to "together"). It never goes back behind what was final before.
 *
 * This is the policy called LocalAgreement (Liu, Spanakis and Niehues, "Low-Latency Sequence-to-Sequence Speech
 * Recognition and Translation by Partial Hypothesis Selection", 2020).
 */
export function countFinalWords(
  before: readonly HeardWord[],
  now: readonly HeardWord[],
  alreadyFinal: number,
): number {
  const difference = now.findIndex((word, index) => word.text !== before[index]?.text)
  const agreed = difference < 0 ? now.length : difference
  return Math.max(alreadyFinal, Math.min(agreed, now.length - 1))
}
