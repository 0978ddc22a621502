/** Tells, line by line, how a start comes along. */
export interface Progress {
  /** Does a step and says when it is done, with the time that it took. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Seconds since the start, like "4.2". */
  elapsed(): string
}

/** @param print writes a line */
export function createProgress(print: (line: string) => void): Progress {
  const startMs = performance.now()
  const secondsSince = (ms: number): string => ((performance.now() - ms) / 1000).toFixed(1)
  return {
    async step(name, work) {
      const stepStartMs = performance.now()
      const result = await work()
      print(`  ✓ ${name} (${secondsSince(stepStartMs)} s)`)
      return result
    },
    elapsed: () => secondsSince(startMs),
  }
}
