import { operationPathSchema } from '../contracts/operation-path.ts'
import type { Clips } from '../domain/clip.ts'
import type { Throttle, ThrottleRules } from '../domain/throttle.ts'
import { endpoint } from '../http/endpoint.ts'
import { authenticate, pathParameters } from '../http/request.ts'
import { json } from '../http/response.ts'
import type { SignedInDependencies } from './caller.ts'

export interface ClipReadDependencies extends SignedInDependencies {
  readonly clips: Clips
  readonly throttle: Throttle
  readonly rules: ThrottleRules
}

/** `GET /transcription/clip/{id}` */
export const createHandler = ({ http, verifyToken, clips, throttle, rules }: ClipReadDependencies) =>
  endpoint(http, async event => {
    const userId = await authenticate(event, verifyToken)
    await throttle.count(rules.readClipByUser, userId)
    const { id } = pathParameters(event, operationPathSchema)
    const clip = await clips.read(userId, id)
    return json(clip.status === 'processing' ? 202 : 200, clip)
  })
