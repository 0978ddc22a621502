import { renewRequestSchema } from '../contracts/live-captions.ts'
import { operationPathSchema } from '../contracts/operation-path.ts'
import { endpoint } from '../http/endpoint.ts'
import { authenticate, jsonBody, pathParameters } from '../http/request.ts'
import { json } from '../http/response.ts'
import type { LiveHandlerDependencies } from './stream-start.ts'

/** `POST /transcription/stream/{id}/renew` */
export const createHandler = ({ http, verifyToken, throttle, rules, live }: LiveHandlerDependencies) =>
  endpoint(http, async event => {
    const userId = await authenticate(event, verifyToken)
    const { id } = pathParameters(event, operationPathSchema)
    const { lease } = jsonBody(event, renewRequestSchema)
    await throttle.count(rules.spendByUser, userId)
    return json(200, await live.renew(userId, id.toLowerCase(), lease))
  })
