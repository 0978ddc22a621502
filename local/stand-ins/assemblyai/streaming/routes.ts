import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import * as z from 'zod'
import type { Recogniser } from '../../../recogniser/recogniser.ts'
import type { Control } from '../control.ts'
import { badToken, missingAuthorization, orderedFailure, SessionFailure, tooManySessions } from './failure.ts'
import { type SessionRecord, toSessionSummary } from './records.ts'
import { openSession, refuse, type Session } from './session.ts'
import { parseSettings } from './settings.ts'
import { createTokens, LONGEST_SESSION_SECONDS, type Token } from './tokens.ts'

/** Large enough for any message that is to be answered by an error of AssemblyAI's. */
const LARGEST_MESSAGE_BYTES = 2 ** 20

const SESSIONS_KEPT = 1_000

/** The order to end sessions: all, or the one with this id; by an error with this code, or by dropping the line. */
const CloseOrder = z.strictObject({
  id: z.string().optional(),
  close_code: z.union([z.literal(1008), z.int().min(3000).max(4999)]).optional(),
})

export type StreamingOptions = {
  recogniser: Recogniser
  control: Control
  apiKey: string | undefined
  shortestSessionSeconds: number
  /** Checks the key of a call, and fails those that are to fail. */
  guard(app: FastifyInstance): void
}

/** The streaming side of the stand-in. */
export type Streaming = {
  /** The sessions, oldest first. */
  readonly sessions: readonly SessionRecord[]
}

/**
 * AssemblyAI's streaming API, version 3: `GET /v3/token` and the WebSocket `/v3/ws`. Beside it `GET /sessions` lists
 * what a vendor would bill, and `POST /sessions/close` ends sessions.
 */
export async function addStreaming(app: FastifyInstance, options: StreamingOptions): Promise<Streaming> {
  const { control } = options
  const tokens = createTokens(options.shortestSessionSeconds)
  const records: SessionRecord[] = []
  const open = new Map<string, Session>()

  function authorize(request: FastifyRequest): Token | 'key' | SessionFailure {
    const { token } = z.object({ token: z.string().optional() }).parse(request.query)
    if (token !== undefined) return tokens.redeem(token)
    const key = request.headers.authorization ?? ''
    if (key === '') return missingAuthorization()
    return options.apiKey === undefined || key === options.apiKey ? 'key' : badToken('Invalid API key')
  }

  function begin(socket: WebSocket, request: FastifyRequest): void {
    const authorized = authorize(request)
    if (authorized instanceof SessionFailure) throw authorized
    const settings = parseSettings(request.query)
    if (control.max_sessions !== null && open.size >= control.max_sessions) throw tooManySessions()

    const record: SessionRecord = {
      id: randomUUID(),
      token_id: authorized === 'key' ? null : authorized.id,
      speech_model: settings.speechModel,
      opened_at: new Date().toISOString(),
      closed_at: null,
      close_code: null,
      cap_seconds: authorized === 'key' ? LONGEST_SESSION_SECONDS : authorized.maxSessionSeconds,
      audio_seconds: 0,
    }
    records.push(record)
    if (records.length > SESSIONS_KEPT) records.shift()
    const onBug = (error: unknown) => request.log.error(error)
    open.set(record.id, openSession(socket, { recogniser: options.recogniser, settings, record, onBug }))
    socket.once('close', () => open.delete(record.id))
  }

  await app.register(websocket, { options: { maxPayload: LARGEST_MESSAGE_BYTES } })
  await app.register(
    async v3 => {
      options.guard(v3)
      v3.get('/token', async request => {
        await sleep(control.token_delay_ms)
        return tokens.mint(request.query)
      })
    },
    { prefix: '/v3' },
  )
  app.get('/v3/ws', { websocket: true }, (socket, request) => {
    try {
      begin(socket, request)
    } catch (error) {
      if (!(error instanceof SessionFailure)) throw error
      refuse(socket, error)
    }
  })

  app.get('/sessions', async () => records.map(record => toSessionSummary(record, Date.now())))
  app.post('/sessions/close', async (request, reply) => {
    const order = CloseOrder.safeParse(request.body)
    if (!order.success) return reply.code(400).send({ error: z.prettifyError(order.error) })
    const { id, close_code } = order.data
    const closing = [...open].filter(([sessionId]) => id === undefined || id === sessionId)
    for (const [, session] of closing) {
      if (close_code === undefined) session.drop()
      else session.fail(orderedFailure(close_code))
    }
    return { closed: closing.length }
  })
  return { sessions: records }
}
