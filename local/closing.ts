/** Ends what was started, last first, exactly once. */
export interface Closing {
  /** Whether the end has begun. */
  readonly begun: boolean
  /** Adds something to end. When the end has begun already, it is ended at once. */
  add(close: () => Promise<unknown>): Promise<void>
  /** Ends everything and resolves when it is done; the same promise every time. A failure doesn't stop the rest. */
  close(): Promise<void>
}

/** @param onFailure is told what could not be ended */
export function createClosing(onFailure: (error: unknown) => void): Closing {
  const closers: (() => Promise<unknown>)[] = []
  let closing: Promise<void> | undefined

  const run = async (close: () => Promise<unknown>): Promise<void> => {
    try {
      await close()
    } catch (error) {
      onFailure(error)
    }
  }
  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await run(close)
  }
  return {
    get begun() {
      return closing !== undefined
    },
    async add(close) {
      if (closing !== undefined) await run(close)
      else closers.push(close)
    },
    close() {
      closing ??= closeAll()
      return closing
    },
  }
}
