/** Something that falls due from time to time. */
export interface Chore {
  /** When it is due next, in the agenda's clock; Infinity for not at all. */
  nextDueMs(): number
  /** Does what is due by now. */
  run(): void | Promise<void>
}

/** Runs chores when they are due. */
export interface Agenda {
  /** Runs what is due now, and sets the timer for what comes next. Call it after each change. */
  wake(): Promise<void>
  close(): void
}

/** The clock may jump (a laptop that slept, a test), so the timer looks at it at least this often. */
const MAX_SLEEP_MS = 1_000

/** @param onError called when a chore fails that the timer started; it is tried again a second later */
export function createAgenda(
  nowMs: () => number,
  chores: readonly Chore[],
  onError: (error: unknown) => void,
): Agenda {
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function wake(): Promise<void> {
    if (closed) return
    for (const chore of chores) {
      if (chore.nextDueMs() <= nowMs()) await chore.run()
    }
    arm()
  }

  function arm(leastMs = 0): void {
    clearTimeout(timer)
    const dueMs = Math.min(...chores.map(chore => chore.nextDueMs()))
    if (closed || dueMs === Infinity) return
    timer = setTimeout(onTimer, Math.max(leastMs, Math.min(dueMs - nowMs(), MAX_SLEEP_MS)))
  }

  function onTimer(): void {
    wake().catch((error: unknown) => {
      onError(error)
      arm(MAX_SLEEP_MS)
    })
  }

  return {
    wake,
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
