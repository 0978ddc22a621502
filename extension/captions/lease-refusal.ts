import type { Problem } from '../messages/problem.ts'
import type { ProblemView } from './view.ts'

/** Why a lease was not given, as far as it matters to what is done next. */
export type LeaseRefusal =
  /** Ask again then. */
  | { readonly kind: 'wait'; readonly delayMs: number; readonly problem: ProblemView }
  /** Nothing is known of what came of it, or it may work later: ask the same again. */
  | { readonly kind: 'retry'; readonly problem: ProblemView }
  /** Another lease is in force than was thought. */
  | { readonly kind: 'wrong_lease'; readonly lease: number | undefined; readonly problem: ProblemView }
  /** No further token for this lease; the next one can be had in its time. */
  | { readonly kind: 'no_repeat'; readonly problem: ProblemView }
  /** These captions can't go on. */
  | { readonly kind: 'over'; readonly problem: ProblemView }
  | { readonly kind: 'unaffordable'; readonly problem: ProblemView }
  | { readonly kind: 'signed_out'; readonly problem: ProblemView }
  /** Other captions of the account are open. */
  | { readonly kind: 'elsewhere'; readonly operationId: string | undefined; readonly problem: ProblemView }
  /** Asking again would change nothing. */
  | { readonly kind: 'refused'; readonly problem: ProblemView }

const defaultWaitSeconds = 1

const wait = (problem: ProblemView): LeaseRefusal => ({
  kind: 'wait',
  delayMs: (problem.retryAfterSeconds ?? defaultWaitSeconds) * 1_000,
  problem,
})

const retry = (problem: ProblemView): LeaseRefusal => ({ kind: 'retry', problem })

const byCode: Readonly<Record<string, (problem: ProblemView) => LeaseRefusal>> = {
  renew_too_early: wait,
  too_many_requests: wait,
  wrong_lease: problem => ({ kind: 'wrong_lease', lease: problem.lease, problem }),
  allowance_spent: problem => ({ kind: 'no_repeat', problem }),
  lease_over: problem => ({ kind: 'over', problem }),
  not_found: problem => ({ kind: 'over', problem }),
  insufficient_credits: problem => ({ kind: 'unaffordable', problem }),
  account_in_debt: problem => ({ kind: 'unaffordable', problem }),
  unauthenticated: problem => ({ kind: 'signed_out', problem }),
  signed_out: problem => ({ kind: 'signed_out', problem }),
  live_already_open: problem => ({ kind: 'elsewhere', operationId: problem.operationId, problem }),
  operation_in_progress: retry,
  upstream_failed: retry,
  upstream_timeout: retry,
  internal: retry,
  offline: retry,
  unreachable: retry,
  unexpected_answer: retry,
  /** The service worker, which has the tokens, did not answer: it may have died over the question. */
  engine_failed: retry,
}

/** What a problem of the lease's routes means. One that is not known is a refusal. */
export const leaseRefusal = ({ view }: Problem): LeaseRefusal =>
  byCode[view.code]?.(view) ?? { kind: 'refused', problem: view }
