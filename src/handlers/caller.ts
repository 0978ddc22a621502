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

/** Who spends, under which key: signed in, and not too often. */
export const spendingCaller = async (
  event: ApiEvent,
  deps: SpendingDependencies,
  rule: ThrottleRule,
): Promise<{ userId: string; operationId: string }> => {
  const userId = await authenticate(event, deps.verifyToken)
  const operationId = idempotencyKey(event, () => deps.secrets.uuid(deps.now()))
  await Promise.all([deps.throttle.count(rule, userId), deps.throttle.check(deps.rules.failedByUser, userId)])
  return { userId, operationId }
}
