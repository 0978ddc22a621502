import type { Clock, Secrets } from '../domain/ports.ts'
import type { Throttle, ThrottleRule, ThrottleRules } from '../domain/throttle.ts'
import type { HttpDependencies } from '../http/endpoint.ts'
import type { ApiEvent } from '../http/event.ts'
import { authenticate, idempotencyKey, type TokenVerifier } from '../http/request.ts'

/** What every route behind a sign-in needs. */
export interface SignedInDependencies {
  readonly http: HttpDependencies
  readonly verifyToken: TokenVerifier
}

/** What every route that spends needs beside it. */
export interface SpendingDependencies extends SignedInDependencies {
  readonly throttle: Throttle
  readonly rules: ThrottleRules
  readonly secrets: Pick<Secrets, 'uuid'>
  readonly now: Clock
  /** Tells a repeat from another request under the same key. */
  readonly hashRequest: (route: string, body: string | Uint8Array) => string
}

/** Who asks, under which key. */
interface Caller {
  readonly userId: string
  readonly operationId: string
}

/** Who starts something under a key: signed in, and not too often. */
export const keyedCaller = async (
  event: ApiEvent,
  deps: SpendingDependencies,
  rule: ThrottleRule,
): Promise<Caller> => {
  const userId = await authenticate(event, deps.verifyToken)
  const operationId = idempotencyKey(event, () => deps.secrets.uuid(deps.now()))
  await deps.throttle.count(rule, userId)
  return { userId, operationId }
}

/** Who spends credits: also not with too much that failed, which is free for them and not for us. */
export const spendingCaller = async (event: ApiEvent, deps: SpendingDependencies): Promise<Caller> => {
  const caller = await keyedCaller(event, deps, deps.rules.spendByUser)
  await deps.throttle.check(deps.rules.failedByUser, caller.userId)
  return caller
}
