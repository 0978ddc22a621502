import { askRequestSchema } from '../contracts/transcription.ts'
import type { Questions } from '../domain/ask.ts'
import { endpoint } from '../http/endpoint.ts'
import { jsonBody } from '../http/request.ts'
import { json } from '../http/response.ts'
import { type SpendingDependencies, spendingCaller } from './caller.ts'

export interface AskHandlerDependencies extends SpendingDependencies {
  readonly questions: Questions
}

/** `POST /transcription/ask` */
export const createHandler = (deps: AskHandlerDependencies) =>
  endpoint(deps.http, async event => {
    const { userId, operationId } = await spendingCaller(event, deps)
    const request = jsonBody(event, askRequestSchema)
    const requestHash = deps.hashRequest('ask', JSON.stringify(request))
    return json(200, await deps.questions.ask(userId, operationId, requestHash, request))
  })
