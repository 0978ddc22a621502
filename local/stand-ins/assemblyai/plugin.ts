import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { UploadedFile } from 'assemblyai'
import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { Recogniser } from '../../recogniser/recogniser.ts'
import { openState, type State } from '../state.ts'
import {
  type Control,
  ControlChange,
  initialControl,
  takeFailedCall,
  takeFailedTranscript,
} from './control.ts'
import { AssemblyAiError, failureMessage, SERVER_ERROR, unknownTranscript, wrongKey } from './errors.ts'
import { createJobs, type Jobs } from './jobs.ts'
import { recentPage } from './page.ts'
import { isUnfinished, type TranscriptRecord, Transcripts } from './record.ts'
import { openRecordings, type Recordings } from './recordings.ts'
import { parseListQuery, parseTranscriptRequest, type TranscriptRequest } from './request.ts'
import { addStreaming } from './streaming/routes.ts'
import { SHORTEST_SESSION_SECONDS } from './streaming/tokens.ts'
import { createWebhooks, DEFAULT_RETRY_DELAYS_MS } from './webhooks.ts'
import { toTranscript, toTranscriptList } from './wire.ts'

/** How the stand-in is set up. */
export interface AssemblyAiStandInOptions {
  /** Hears what is said. It is not closed with the stand-in. */
  recogniser: Recogniser
  /** Where the stand-in is reached from this machine, its prefix included: `http://127.0.0.1:4000/assemblyai`. */
  publicUrl: string
  /** The one key that is accepted; without it any key is. */
  apiKey?: string
  /** Where uploads and transcripts are kept over a restart. Without it they are gone when the server closes. */
  stateDir?: string
  /** The pauses between tries of a webhook, in milliseconds; the last one is used for the rest. */
  webhookRetryDelaysMs?: number[]
  /** The shortest session that a streaming token may be asked for, in seconds; AssemblyAI's 60 by default. */
  minimumSessionSeconds?: number
}

const TRANSCRIPTS_KEPT = 500
const TRANSCRIPTS_SHOWN = 30
const SESSIONS_SHOWN = 30

/** What the routes work with. */
type StandIn = {
  state: State<Transcripts>
  recordings: Recordings
  jobs: Jobs
  control: Control
  listUrl: string
}

/**
 * AssemblyAI's asynchronous API as far as the SDK's `files` and `transcripts` use it, and its streaming API, around
 * a recogniser on this machine, to be registered under a prefix that the SDK's `baseUrl` and `streamingBaseUrl` name.
 * Beside it, for people and tests: `GET /` shows the recent transcripts with their webhooks and the recent streaming
 * sessions, `GET /control` and `POST /control` make it slow or make it fail.
 *
 * Transcripts and webhooks that were under way when the server closed are taken up again from `stateDir`.
 */
export const assemblyAiStandIn: FastifyPluginAsync<AssemblyAiStandInOptions> = async (app, options) => {
  const standIn = await openStandIn(app, options)
  const { control, state } = standIn
  const streaming = await addStreaming(app, {
    recogniser: options.recogniser,
    control,
    apiKey: options.apiKey,
    shortestSessionSeconds: options.minimumSessionSeconds ?? SHORTEST_SESSION_SECONDS,
    guard: v3 => guard(v3, options.apiKey, () => takeFailedCall(control.fail_tokens)),
  })

  app.get('/', async (_request, reply) => {
    const newestFirst = state.data.transcripts.slice(-TRANSCRIPTS_SHOWN).reverse()
    const sessions = streaming.sessions.slice(-SESSIONS_SHOWN).reverse()
    return reply.type('text/html; charset=utf-8').send(recentPage(newestFirst, sessions))
  })
  app.get('/control', async () => control)
  app.post('/control', async (request, reply) => {
    const change = ControlChange.safeParse(request.body)
    if (!change.success) return reply.code(400).send({ error: z.prettifyError(change.error) })
    return Object.assign(control, change.data)
  })
  await app.register(
    async v2 => {
      guard(v2, options.apiKey, () => takeFailedCall(control.fail_next))
      await v2.register(async uploads => addUpload(uploads, standIn))
      addTranscripts(v2, standIn)
    },
    { prefix: '/v2' },
  )
}

async function openStandIn(app: FastifyInstance, options: AssemblyAiStandInOptions): Promise<StandIn> {
  const {
    recogniser,
    stateDir,
    publicUrl,
    webhookRetryDelaysMs: retryDelaysMs = DEFAULT_RETRY_DELAYS_MS,
  } = options
  const directory = stateDir ?? (await mkdtemp(join(tmpdir(), 'assemblyai-')))
  const stateFile = stateDir === undefined ? undefined : join(stateDir, 'transcripts.json')
  const state = await openState(stateFile, Transcripts, { transcripts: [] })
  const recordings = await openRecordings(join(directory, 'uploads'), `${publicUrl}/upload`)

  const closing = new AbortController()
  const { signal } = closing
  const save = () => state.save()
  const onBug = (error: unknown) => app.log.error(error)
  const webhooks = createWebhooks({ retryDelaysMs, save, signal, onBug })
  const jobs = createJobs({ recogniser, recordings, save, signal, onBug, onFinished: webhooks.deliver })

  app.addHook('onClose', async () => {
    closing.abort()
    await jobs.settled()
    await webhooks.settled()
    await save()
    if (stateDir === undefined) await rm(directory, { recursive: true, force: true })
  })

  const unfinished = state.data.transcripts.filter(isUnfinished)
  await recordings.removeOldUploads(unfinished.map(record => record.request.audio_url))
  unfinished.forEach(jobs.add)
  state.data.transcripts.forEach(webhooks.deliver)
  return {
    state,
    recordings,
    jobs,
    control: structuredClone(initialControl),
    listUrl: `${publicUrl}/v2/transcript`,
  }
}

/**
 * Keys, failures to order, and errors in the vendor's shape.
 *
 * @param takeFailure the status with which this call is to fail, if it is
 */
function guard(
  app: FastifyInstance,
  apiKey: string | undefined,
  takeFailure: () => number | undefined,
): void {
  app.addHook('onRequest', async request => {
    const key = request.headers.authorization ?? ''
    if (key === '' || (apiKey !== undefined && key !== apiKey)) throw wrongKey()
    const failure = takeFailure()
    if (failure !== undefined) throw new AssemblyAiError(failure, failureMessage(failure))
  })
  app.setErrorHandler<FastifyError | AssemblyAiError>((error, request, reply) => {
    const statusCode = error.statusCode ?? 500
    if (statusCode >= 500) request.log.error(error)
    const isOurs = error instanceof AssemblyAiError || statusCode < 500
    return reply.code(statusCode).send({ error: isOurs ? error.message : SERVER_ERROR })
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'Not found' }))
}

/** The body of an upload is taken as it comes, whatever its type is said to be. */
function addUpload(app: FastifyInstance, { recordings }: StandIn): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.post('/upload', async request => {
    if (!(request.body instanceof Readable))
      throw new AssemblyAiError(422, 'Upload failed, the file is empty.')
    const uploaded: UploadedFile = { upload_url: await recordings.upload(request.body) }
    return uploaded
  })
}

function addTranscripts(app: FastifyInstance, { state, recordings, jobs, control, listUrl }: StandIn): void {
  acceptEmptyJson(app)

  app.post('/transcript', async request => {
    const record = newRecord(parseTranscriptRequest(request.body), control)
    state.data.transcripts.push(record)
    forgetOldest(state.data)
    await state.save()
    const answer = toTranscript(record)
    jobs.add(record)
    return answer
  })

  app.get('/transcript', async request =>
    toTranscriptList(state.data.transcripts, parseListQuery(request.query), listUrl),
  )

  app.get('/transcript/:id', async request => toTranscript(findRecord(state.data, request)))

  app.delete('/transcript/:id', async request => {
    const record = findRecord(state.data, request)
    if (isUnfinished(record)) throw new AssemblyAiError(400, 'The transcript is still being processed.')
    await recordings.removeUpload(record.request.audio_url)
    redact(record)
    await state.save()
    return toTranscript(record)
  })
}

/** The SDK calls its DELETE with `Content-Type: application/json` and no body. */
function acceptEmptyJson(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parseJson(request, String(body), done)
  })
}

function newRecord(request: TranscriptRequest, control: Control): TranscriptRecord {
  const nowMs = Date.now()
  return {
    id: randomUUID(),
    created_at: new Date(nowMs).toISOString(),
    completed_at: null,
    request,
    status: 'queued',
    error: null,
    result: null,
    not_before: new Date(nowMs + control.delay_ms).toISOString(),
    is_to_fail: takeFailedTranscript(control),
    webhook: { state: request.webhook_url == null ? 'none' : 'waiting', tries: [], next_try_at: null },
  }
}

function forgetOldest(data: Transcripts): void {
  const excess = data.transcripts.length - TRANSCRIPTS_KEPT
  const oldest = data.transcripts.findIndex(record => !isUnfinished(record))
  if (excess > 0 && oldest >= 0) data.transcripts.splice(oldest, 1)
}

function findRecord(data: Transcripts, request: FastifyRequest): TranscriptRecord {
  const { id } = z.object({ id: z.string() }).parse(request.params)
  const record = data.transcripts.find(candidate => candidate.id === id)
  if (!record) throw unknownTranscript()
  return record
}

/** What AssemblyAI leaves of a deleted transcript: its id, its status, and that it was deleted. */
function redact(record: TranscriptRecord): void {
  record.request.audio_url = 'http://deleted_by_user'
  if (record.result) record.result = { ...record.result, text: 'Deleted by user.', words: [] }
}
