import { catchupRequestSchema } from '../contracts/transcription.ts'
import type { Catchups } from '../domain/catchup.ts'
import { endpoint } from '../http/endpoint.ts'
import { jsonBody } from '../http/request.ts'
import { json } from '../http/response.ts'
import { type SpendingDependencies, spendingCaller } from './caller.ts'

export interface CatchupCreateDependencies extends SpendingDependencies {
  readonly catchups: Catchups
}

/** `POST /transcription/catchup` */
export const createHandler = (deps: CatchupCreateDependencies) =>
  endpoint(deps.http, async event => {
    const { userId, operationId } = await spendingCaller(event, deps)
    const { segments } = jsonBody(event, catchupRequestSchema)
    const requestHash = deps.hashRequest('catchup', JSON.stringify(segments))
    return json(202, await deps.catchups.start(userId, operationId, requestHash, segments))
  })
