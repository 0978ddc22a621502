import { type Inputs, useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { ProblemView } from '../captions/view.ts'
import { problemOf } from '../messages/problem.ts'

/** Something that a screen shows as soon as it is there. */
export interface Loaded<Value> {
  /** The last that came; it stays while another is asked for. */
  readonly value: Value | undefined
  /** Why the last request came to nothing. */
  readonly problem: ProblemView | undefined
  readonly busy: boolean
  /** Asks anew. */
  reload(): void
}

/**
 * Asks for something when a screen opens, whenever an input changes, and once the network is back if it had failed; only
 * the last request's answer counts.
 */
export function useLoaded<Value>(load: () => Promise<Value>, inputs: Inputs): Loaded<Value> {
  const [state, setState] = useState<Omit<Loaded<Value>, 'reload'>>({
    value: undefined,
    problem: undefined,
    busy: true,
  })
  const last = useRef(0)
  const reload = useCallback(() => {
    last.current += 1
    const request = last.current
    setState(({ value }) => ({ value, problem: undefined, busy: true }))
    load().then(
      value => {
        if (request === last.current) setState({ value, problem: undefined, busy: false })
      },
      (error: unknown) => {
        if (request !== last.current) return
        setState(({ value }) => ({ value, problem: problemOf(error).view, busy: false }))
      },
    )
  }, inputs)
  useEffect(reload, [reload])
  const hasProblem = state.problem !== undefined
  useEffect(() => {
    if (!hasProblem) return
    addEventListener('online', reload)
    return () => removeEventListener('online', reload)
  }, [hasProblem, reload])
  return { ...state, reload }
}
