import type { ProblemView } from '../captions/view.ts'
import { type TextKey, text } from './text.ts'

/** A problem in a sentence that says what happened, whether anything was charged, and what to do. */
export function problemText(problem: ProblemView): string {
  const key = `problem_${problem.code}` as TextKey
  return text(key, problem.requiredCredits ?? '', problem.availableCredits ?? '') || problem.detail
}
