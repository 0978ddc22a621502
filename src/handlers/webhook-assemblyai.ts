import type * as z from 'zod'
import { jobCallbackQuerySchema, transcriptCallbackSchema } from '../contracts/webhooks.ts'
import type { Clips } from '../domain/clip.ts'
import type { CatchupQueue } from '../domain/ports.ts'
import { toWindow } from '../domain/recording-window.ts'
import { endpoint, type HttpDependencies } from '../http/endpoint.ts'
import { header, jsonBody, query, RequestError } from '../http/request.ts'
import { json } from '../http/response.ts'

export interface AssemblyAiWebhookDependencies {
  readonly http: HttpDependencies
  readonly clips: Clips
  readonly queue: CatchupQueue
  /** The header in which the vendor hands our own secret back. */
  readonly secretHeader: string
  readonly isOurSecret: (candidate: string) => boolean
}

type Callback = z.output<typeof jobCallbackQuerySchema>

/** `POST /webhooks/assemblyai`. A failure here is answered 500, so that the vendor tries again. */
export const createHandler = (deps: AssemblyAiWebhookDependencies) =>
  endpoint(deps.http, async event => {
    const secret = header(event, deps.secretHeader)
    if (secret === undefined || !deps.isOurSecret(secret)) {
      throw new RequestError('unauthenticated', 'The secret is missing or wrong.')
    }
    const { transcript_id } = jsonBody(event, transcriptCallbackSchema)
    await goOn(deps, query(event, jobCallbackQuerySchema), transcript_id)
    return json(200, { received: true })
  })

/** A clip is finished at once; a catch-up goes to its worker, which also finds out how the transcript ended. */
const goOn = (
  { clips, queue }: AssemblyAiWebhookDependencies,
  callback: Callback,
  transcriptId: string,
): Promise<void> => {
  const attempt = {
    userId: callback.user_id,
    operationId: callback.operation_id,
    holdExpiresAtMs: callback.hold_expires_at_ms,
    requestHash: callback.request_hash,
  }
  if (callback.kind === 'clip') {
    return clips.finishFromCallback({ ...attempt, audioMs: callback.audio_ms }, transcriptId)
  }
  const window = toWindow(callback.recording)
  return queue.start({ kind: 'transcript', ...attempt, window, transcriptId })
}
