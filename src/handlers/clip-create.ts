import { maxClipBytes } from '../contracts/transcription.ts'
import type { Clips } from '../domain/clip.ts'
import { endpoint } from '../http/endpoint.ts'
import { bodyOf } from '../http/request.ts'
import { json } from '../http/response.ts'
import { type SpendingDependencies, spendingCaller } from './caller.ts'

export interface ClipCreateDependencies extends SpendingDependencies {
  readonly clips: Clips
}

/** `POST /transcription/clip` */
export const createHandler = (deps: ClipCreateDependencies) =>
  endpoint(deps.http, async event => {
    const { userId, operationId } = await spendingCaller(event, deps)
    const bytes = bodyOf(event, maxClipBytes)
    const requestHash = deps.hashRequest('clip', bytes)
    const clip = await deps.clips.transcribe({ userId, operationId, requestHash, bytes })
    return json(clip.status === 'processing' ? 202 : 200, clip)
  })
