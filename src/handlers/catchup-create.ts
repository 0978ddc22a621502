import * as z from 'zod'
import {
  type CatchupAccepted,
  channelCatchupRequestSchema,
  transcriptCatchupRequestSchema,
} from '../contracts/transcription.ts'
import type { Catchups } from '../domain/catchup.ts'
import { DomainError } from '../domain/errors.ts'
import { endpoint } from '../http/endpoint.ts'
import type { ApiEvent } from '../http/event.ts'
import { jsonBody } from '../http/request.ts'
import { json } from '../http/response.ts'
import { type SpendingDependencies, spendingCaller } from './caller.ts'

export interface CatchupCreateDependencies extends SpendingDependencies {
  readonly catchups: Catchups
  /** Whether the operator has set Twitch up. */
  readonly offersChannels: boolean
}

/** Which form a request has: what is wrong with it is then told of that form alone. */
const formSchema = z.object({ channel: z.unknown().optional() })

/** `POST /transcription/catchup` */
export const createHandler = (deps: CatchupCreateDependencies) =>
  endpoint(deps.http, async event => {
    const caller = await spendingCaller(event, deps)
    const { channel } = jsonBody(event, formSchema)
    const start = channel === undefined ? startTranscript : startChannel
    return json(202, await start(deps, caller, event))
  })

type Start = (
  deps: CatchupCreateDependencies,
  caller: Awaited<ReturnType<typeof spendingCaller>>,
  event: ApiEvent,
) => Promise<CatchupAccepted>

const startTranscript: Start = ({ catchups, hashRequest }, { userId, operationId }, event) => {
  const { segments } = jsonBody(event, transcriptCatchupRequestSchema)
  const requestHash = hashRequest('catchup', JSON.stringify(segments))
  return catchups.startTranscript(userId, operationId, requestHash, segments)
}

const startChannel: Start = ({ catchups, hashRequest, offersChannels }, { userId, operationId }, event) => {
  if (!offersChannels) throw noChannels()
  const { channel, minutes } = jsonBody(event, channelCatchupRequestSchema)
  const requestHash = hashRequest('catchup', JSON.stringify({ channel, minutes }))
  return catchups.startChannel(userId, operationId, requestHash, { channel, minutes })
}

const noChannels = (): DomainError =>
  new DomainError(
    'validation_failed',
    'This service does not catch up on channels. Nothing was charged. Catch up on your own transcript instead.',
    { errors: [{ path: 'channel', message: 'Not offered here.' }] },
  )
