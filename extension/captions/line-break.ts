/** What is to be done about a line that broke. */
export type LineBreak =
  /** Open another. */
  | 'reconnect'
  /** The time that its token allowed is over. */
  | 'session_over'
  /** The vendor is busy: open another, but not at once. */
  | 'crowded'
  /** The vendor refuses it: another token may help, once. */
  | 'refused'

const sessionOver = 3008
const tooManySessions = 3009
/** Bad authorisation; and messages or a query that the vendor does not take. */
const refusals: readonly number[] = [1008, 3006]

/** What a close code of AssemblyAI's means; 1006 where the line broke without one. */
export function lineBreakMeans(code: number): LineBreak {
  if (code === sessionOver) return 'session_over'
  if (code === tooManySessions) return 'crowded'
  if (refusals.includes(code) || code >= 4_000) return 'refused'
  return 'reconnect'
}
