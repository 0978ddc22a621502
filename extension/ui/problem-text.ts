import type { ProblemView } from '../captions/view.ts'
import { duration } from './format.ts'
import { plural, type TextKey, text } from './text.ts'

/**
 * Codes that the API gives for many reasons: it says itself which one it is. The sentence here stands in where it says
 * nothing.
 */
const toldByApi: ReadonlySet<string> = new Set([
  'validation_failed',
  'unauthenticated',
  'not_found',
  'unsupported_media',
  'upstream_failed',
  'upstream_timeout',
])

/** A problem in sentences that say what happened, whether anything was charged, and what to do. */
export function problemText(problem: ProblemView): string {
  if (toldByApi.has(problem.code) && problem.detail !== '') return problem.detail
  return sentence(problem) || problem.detail || text('problem_internal')
}

/** In a message `$1` are the credits needed, `$2` those there are, `$3` how long to wait. */
const sentence = ({ code, requiredCredits, availableCredits, retryAfterSeconds }: ProblemView): string =>
  text(
    `problem_${code}` as TextKey,
    requiredCredits === undefined ? text('common_more_credits') : plural('credits', requiredCredits),
    plural('credits', availableCredits ?? 0),
    retryAfterSeconds === undefined ? text('common_a_moment') : duration(Math.max(1, retryAfterSeconds)),
  )
