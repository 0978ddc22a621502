import { useRef, useState } from 'preact/hooks'
import type { ProblemView } from '../captions/view.ts'
import { problemOf } from '../messages/problem.ts'

/** A piece of work that a button begins: whether it is under way, and what went wrong the last time. */
export interface Task<Arguments extends unknown[]> {
  readonly busy: boolean
  readonly problem: ProblemView | undefined
  /** Begins it, unless it is under way. */
  run(...given: Arguments): Promise<void>
}

/** Runs work once at a time and keeps its problem for the screen, until it is run again. */
export function useTask<Arguments extends unknown[]>(
  work: (...given: Arguments) => Promise<void>,
): Task<Arguments> {
  const underWay = useRef(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ProblemView>()
  const run = async (...given: Arguments): Promise<void> => {
    if (underWay.current) return
    underWay.current = true
    setBusy(true)
    setProblem(undefined)
    try {
      await work(...given)
    } catch (error) {
      setProblem(problemOf(error).view)
    } finally {
      underWay.current = false
      setBusy(false)
    }
  }
  return { busy, problem, run }
}
