import { refreshRequestSchema } from '../contracts/auth.ts'
import { familyOf, type Sessions } from '../domain/sessions.ts'
import type { Throttle, ThrottleRules } from '../domain/throttle.ts'
import { endpoint, type HttpDependencies } from '../http/endpoint.ts'
import { callerAddress, jsonBody } from '../http/request.ts'
import { json } from '../http/response.ts'

export interface RefreshDependencies {
  readonly http: HttpDependencies
  readonly sessions: Sessions
  readonly throttle: Throttle
  readonly rules: ThrottleRules
}

/** `POST /auth/refresh` */
export const createHandler = ({ http, sessions, throttle, rules }: RefreshDependencies) =>
  endpoint(http, async event => {
    const { refresh_token } = jsonBody(event, refreshRequestSchema)
    await throttle.count(rules.refreshByAddress, callerAddress(event))
    await throttle.count(rules.refreshBySession, familyOf(refresh_token))
    return json(200, await sessions.refresh(refresh_token))
  })
