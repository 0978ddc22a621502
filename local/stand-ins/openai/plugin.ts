import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Model } from 'openai/resources/models'
import type { Response } from 'openai/resources/responses/responses'
import * as z from 'zod'
import { type Control, ControlChange, initialControl, takeFailure, takeSpoiling } from './control.ts'
import { missingKey, OpenAiError, serviceFailure, wrongKey } from './errors.ts'
import { type Call, callsPage } from './page.ts'
import { parseRequest, type ResponseRequest } from './request.ts'
import { newId, respond } from './response.ts'

/** How the stand-in is set up. */
export interface OpenAiStandInOptions {
  /** The one key that is accepted; without it any key is. */
  apiKey?: string
}

const bodyLimitBytes = 16 * 1024 * 1024
const callsKept = 50

const models: Model[] = [
  { id: 'gpt-6-luna', object: 'model', created: 1_767_225_600, owned_by: 'local-stand-in' },
]

/**
 * OpenAI's API as far as the project uses it, around an extractive model: `POST /v1/responses` and `GET /v1/models`,
 * to be registered under a prefix that the SDK's `baseURL` names (`…/openai/v1`). Beside it, for people and tests:
 * `GET /` shows the recent calls, `GET /control` and `POST /control` make it slow or make it fail.
 */
export const openAiStandIn: FastifyPluginAsync<OpenAiStandInOptions> = async (app, options) => {
  const control: Control = structuredClone(initialControl)
  const calls: Call[] = []

  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(callsPage(calls)))
  app.get('/control', async () => control)
  app.post('/control', async (request, reply) => {
    const change = ControlChange.safeParse(request.body)
    if (!change.success) return reply.code(400).send({ error: { message: z.prettifyError(change.error) } })
    return Object.assign(control, change.data)
  })

  await app.register(
    async v1 => {
      v1.addHook('onRequest', async (request, reply) => {
        reply.header('x-request-id', newId('req', 16))
        authenticate(request, options.apiKey)
      })
      v1.setErrorHandler<FastifyError>((error, request, reply) => {
        if (!(error instanceof OpenAiError)) request.log.error(error)
        return sendError(asOpenAiError(error), reply)
      })
      v1.setNotFoundHandler((request, reply) => sendError(invalidUrl(request), reply))
      v1.get('/models', async () => ({ object: 'list', data: models }))
      v1.post('/responses', { bodyLimit: bodyLimitBytes }, async (request, reply) => {
        const call: Call = { at: new Date(), ...unread }
        try {
          const asked = parseRequest(request.body)
          Object.assign(call, questionOf(asked))
          const response = await answer(asked, control, untilGone(reply))
          Object.assign(call, answerOf(response))
          return response
        } catch (error) {
          call.outcome = outcomeOf(error)
          throw error
        } finally {
          calls.unshift(call)
          calls.length = Math.min(calls.length, callsKept)
        }
      })
    },
    { prefix: '/v1' },
  )
}

function authenticate(request: FastifyRequest, apiKey: string | undefined): void {
  const key = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (key === undefined) throw missingKey()
  if (apiKey !== undefined && key !== apiKey) throw wrongKey(key)
}

/** Aborts when the client hangs up before it has its answer. */
function untilGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort(new OpenAiError(499, 'The client hung up before the answer.')))
  return gone.signal
}

async function answer(asked: ResponseRequest, control: Control, gone: AbortSignal): Promise<Response> {
  if (control.delay_ms > 0) {
    await sleep(control.delay_ms, undefined, { signal: gone }).catch(() => gone.throwIfAborted())
  }
  const failure = takeFailure(control)
  if (failure !== undefined) throw serviceFailure(failure)
  return respond(asked, takeSpoiling(control))
}

const unread = { asked: 'request', model: '', outcome: '', inputTokens: 0, outputTokens: 0, output: '' }

function questionOf({ model, text }: ResponseRequest): Pick<Call, 'asked' | 'model'> {
  return { asked: text?.format?.type === 'json_schema' ? text.format.name : 'plain text', model }
}

function answerOf(response: Response): Omit<Call, 'at' | 'asked' | 'model'> {
  return {
    outcome: response.status ?? '',
    inputTokens: response.usage?.input_tokens ?? 0,
    outputTokens: response.usage?.output_tokens ?? 0,
    output: response.output_text === '' ? 'Refused.' : response.output_text,
  }
}

function outcomeOf(error: unknown): string {
  return error instanceof OpenAiError ? `${error.status} ${error.message}` : String(error)
}

function sendError(error: OpenAiError, reply: FastifyReply): FastifyReply {
  return reply.code(error.status).send(error.body)
}

function asOpenAiError(error: FastifyError): OpenAiError {
  if (error instanceof OpenAiError) return error
  if (error.statusCode !== undefined && error.statusCode < 500)
    return new OpenAiError(error.statusCode, error.message)
  return serviceFailure(500)
}

function invalidUrl(request: FastifyRequest): OpenAiError {
  return new OpenAiError(404, `Invalid URL (${request.method} ${request.url})`)
}
