import { stopRequestSchema } from '../contracts/live-captions.ts'
import { operationPathSchema } from '../contracts/operation-path.ts'
import type { LiveStops } from '../domain/live-stop.ts'
import type { Throttle, ThrottleRules } from '../domain/throttle.ts'
import { endpoint } from '../http/endpoint.ts'
import { authenticate, optionalJsonBody, pathParameters } from '../http/request.ts'
import { json } from '../http/response.ts'
import type { SignedInDependencies } from './caller.ts'

export interface StreamStopDependencies extends SignedInDependencies {
  readonly throttle: Throttle
  readonly rules: ThrottleRules
  readonly stops: LiveStops
}

/** `POST /transcription/stream/{id}/stop` */
export const createHandler = ({ http, verifyToken, throttle, rules, stops }: StreamStopDependencies) =>
  endpoint(http, async event => {
    const userId = await authenticate(event, verifyToken)
    const { id } = pathParameters(event, operationPathSchema)
    const { ended_at } = optionalJsonBody(event, stopRequestSchema)
    await throttle.count(rules.stopByUser, userId)
    const endedAtMs = ended_at === undefined ? undefined : Date.parse(ended_at)
    return json(200, await stops.stop(userId, id.toLowerCase(), endedAtMs))
  })
