import { type CallKind, callKinds } from './control.ts'

/** The calls of one kind. */
interface Count {
  /** How many there were. */
  calls: number
  /** How many there are at this moment. */
  open: number
  /** How many there were at one moment, at most. */
  most_open: number
}

/** How often each kind of call was made. */
export interface Counts {
  readonly byKind: Record<CallKind, Count>
  /** Counts a call; the function that comes back says that it is over. */
  begin(kind: CallKind): () => void
  reset(): void
}

export function createCounts(): Counts {
  const byKind = Object.fromEntries(
    callKinds.map(kind => [kind, { calls: 0, open: 0, most_open: 0 }]),
  ) as Record<CallKind, Count>
  return {
    byKind,
    begin: kind => {
      const count = byKind[kind]
      count.calls += 1
      count.open += 1
      count.most_open = Math.max(count.most_open, count.open)
      return () => {
        count.open -= 1
      }
    },
    reset: () => {
      for (const count of Object.values(byKind)) Object.assign(count, { calls: 0, most_open: count.open })
    },
  }
}
