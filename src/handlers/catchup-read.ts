import { operationPathSchema } from '../contracts/operation-path.ts'
import type { Catchups } from '../domain/catchup.ts'
import { endpoint } from '../http/endpoint.ts'
import { authenticate, pathParameters } from '../http/request.ts'
import { json } from '../http/response.ts'
import type { SignedInDependencies } from './caller.ts'

export interface CatchupReadDependencies extends SignedInDependencies {
  readonly catchups: Catchups
}

/** `GET /transcription/catchup/{id}` */
export const createHandler = ({ http, verifyToken, catchups }: CatchupReadDependencies) =>
  endpoint(http, async event => {
    const userId = await authenticate(event, verifyToken)
    const { id } = pathParameters(event, operationPathSchema)
    return json(200, await catchups.read(userId, id))
  })
