import { streamRequestSchema } from '../contracts/live-captions.ts'
import type { LiveCaptions } from '../domain/live.ts'
import { endpoint } from '../http/endpoint.ts'
import { optionalJsonBody } from '../http/request.ts'
import { json } from '../http/response.ts'
import { type SpendingDependencies, spendingCaller } from './caller.ts'

export interface LiveHandlerDependencies extends SpendingDependencies {
  readonly live: LiveCaptions
}

/** `POST /transcription/stream` */
export const createHandler = (deps: LiveHandlerDependencies) =>
  endpoint(deps.http, async event => {
    const { userId, operationId } = await spendingCaller(event, deps)
    const { language } = optionalJsonBody(event, streamRequestSchema)
    const requestHash = deps.hashRequest('stream', JSON.stringify({ language }))
    return json(201, await deps.live.start({ userId, operationId, requestHash, language }))
  })
