/** Time as the machines of captions know it: the computer's, or a test's own. */
export interface Clock {
  /** Milliseconds since 1970. It jumps where the computer slept or its clock was set. */
  now(): number
  /** Milliseconds since some time. It never goes back. */
  elapsedMs(): number
  /** Runs it once. Gives what cancels it. */
  after(delayMs: number, run: () => void): () => void
}

/** The computer's. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsedMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.max(0, delayMs))
    return () => clearTimeout(timer)
  },
}

/** Runs it again and again. Gives what ends it. */
export function every(clock: Clock, periodMs: number, run: () => void): () => void {
  let cancel = clock.after(periodMs, again)
  function again(): void {
    cancel = clock.after(periodMs, again)
    run()
  }
  return () => cancel()
}

/** Is over after so long, or as soon as the signal is given. It never fails. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const wake = (): void => {
      cancel()
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const cancel = clock.after(delayMs, wake)
    signal.addEventListener('abort', wake)
  })
}

/** Timers stand still while the computer sleeps: so long after it has woken, at most, its clock is looked at. */
const lookMs = 5_000

/** Is over at a time by the computer's clock, or as soon as the signal is given. @param atMs since 1970 */
export async function sleepUntil(clock: Clock, atMs: number, signal: AbortSignal): Promise<void> {
  for (let leftMs = atMs - clock.now(); leftMs > 0 && !signal.aborted; leftMs = atMs - clock.now()) {
    await sleep(clock, Math.min(leftMs, lookMs), signal)
  }
}
