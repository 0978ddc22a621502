import { Problem } from '../messages/problem.ts'
import type { Clock } from './clock.ts'

/**
 * An answer, or the problem that it did not come in time. What was asked may have been done all the same.
 *
 * @throws {Problem} `unreachable`
 */
export function withDeadline<Answer>(
  clock: Clock,
  timeoutMs: number,
  answer: Promise<Answer>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, () =>
      reject(
        new Problem({
          code: 'unreachable',
          detail: 'The service does not answer. Try again in a moment.',
        }),
      ),
    )
    answer.then(resolve, reject).finally(cancel)
  })
}
