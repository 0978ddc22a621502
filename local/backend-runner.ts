import type { Backend } from './backend.ts'

/** A backend that can be started anew in another environment. */
export interface BackendRunner {
  /** Resolves with how its process ended, when nobody asked for that. */
  ended: Promise<string>
  /**
   * Ends the process and starts it in this environment; resolves once it answers.
   *
   * @throws {StartProblem} when it doesn't come up
   */
  restart(env: Record<string, string>): Promise<void>
  /** Ends the process, for good. */
  close(): Promise<void>
}

/** How a runner starts a backend's process, and waits until it answers. */
export interface BackendStarter {
  /** @param again whether one has run before */
  start(env: Record<string, string>, again: boolean): Backend
  untilUp(backend: Backend): Promise<void>
}

/** Starts the backend. */
export function createBackendRunner(
  { start, untilUp }: BackendStarter,
  env: Record<string, string>,
): BackendRunner & { up: Promise<void> } {
  const unasked = Promise.withResolvers<string>()
  let closed = false
  let current: Backend | undefined = begin(env, false)

  function begin(environment: Record<string, string>, again: boolean): Backend {
    const backend = start(environment, again)
    void backend.ended.then(how => {
      if (backend === current) unasked.resolve(how)
    })
    return backend
  }

  return {
    ended: unasked.promise,
    up: untilUp(current),
    async restart(environment) {
      const former = current
      current = undefined
      await former?.close()
      if (closed) return
      current = begin(environment, true)
      await untilUp(current)
    },
    async close() {
      closed = true
      await current?.close()
    },
  }
}
