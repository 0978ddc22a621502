import { transcriptCallbackQuerySchema, transcriptCallbackSchema } from '../contracts/webhooks.ts'
import type { Clips } from '../domain/clip.ts'
import { endpoint, type HttpDependencies } from '../http/endpoint.ts'
import { header, jsonBody, query, RequestError } from '../http/request.ts'
import { json } from '../http/response.ts'

export interface AssemblyAiWebhookDependencies {
  readonly http: HttpDependencies
  readonly clips: Clips
  /** The header in which the vendor hands our own secret back. */
  readonly secretHeader: string
  readonly isOurSecret: (candidate: string) => boolean
}

/** `POST /webhooks/assemblyai`. A failure here is answered 500, so that the vendor tries again. */
export const createHandler = ({ http, clips, secretHeader, isOurSecret }: AssemblyAiWebhookDependencies) =>
  endpoint(http, async event => {
    const secret = header(event, secretHeader)
    if (secret === undefined || !isOurSecret(secret)) {
      throw new RequestError('unauthenticated', 'The secret is missing or wrong.')
    }
    const { transcript_id } = jsonBody(event, transcriptCallbackSchema)
    const callback = query(event, transcriptCallbackQuerySchema)
    await clips.finishFromCallback(
      {
        userId: callback.user_id,
        operationId: callback.operation_id,
        holdExpiresAtMs: callback.hold_expires_at_ms,
        requestHash: callback.request_hash,
        audioMs: callback.audio_ms,
      },
      transcript_id,
    )
    return json(200, { received: true })
  })
