import { beforeEach, describe, expect, test } from 'vitest'
import {
  askResponseSchema,
  catchupAcceptedSchema,
  catchupResponseSchema,
  clipResponseSchema,
  maxClipBytes,
  maxTranscriptCharacters,
} from '../../../src/contracts/transcription.ts'
import { toRecording } from '../../../src/domain/recording-window.ts'
import { createHandler as createAsk } from '../../../src/handlers/ask.ts'
import { createHandler as createCatchup } from '../../../src/handlers/catchup-create.ts'
import { createHandler as createCatchupFetch } from '../../../src/handlers/catchup-fetch.ts'
import { createHandler as createCatchupRead } from '../../../src/handlers/catchup-read.ts'
import { createHandler as createCatchupWorker } from '../../../src/handlers/catchup-worker.ts'
import { createHandler as createClip } from '../../../src/handlers/clip-create.ts'
import { createHandler as createClipRead } from '../../../src/handlers/clip-read.ts'
import { answerOf, problemOf } from '../support/answers.ts'
import { call } from '../support/api-event.ts'
import { transcriptOf, vendorFails } from '../support/fake-vendors.ts'
import { createApi, type TestApi } from '../support/test-api.ts'

const segments = [
  { start_ms: 0, end_ms: 900, text: 'Fifty pounds.' },
  { start_ms: 1_000, end_ms: 1_900, text: 'A year.', speaker: 'Fanny' },
]
const question = { question: 'How much?', segments }

let api: TestApi
let userId: string
let headers: Record<string, string>
let key: string

beforeEach(async () => {
  api = createApi()
  const signedIn = await api.signIn()
  userId = signedIn.userId
  key = api.clock.id()
  headers = { authorization: signedIn.authorization, 'idempotency-key': key }
})

const post = (handler: ReturnType<typeof createAsk>, body: object | string | Uint8Array) =>
  call(handler, { method: 'POST', headers, body })

/** What every route that spends refuses in the same way. */
const spendingRoutes = [
  ['POST /transcription/clip', () => post(createClip(api), new Uint8Array([1, 2, 3]))],
  ['POST /transcription/ask', () => post(createAsk(api), question)],
  ['POST /transcription/catchup', () => post(createCatchup({ ...api, offersChannels: true }), { segments })],
  [
    'POST /transcription/catchup of a channel',
    () => post(createCatchup({ ...api, offersChannels: true }), { channel: 'speaks', minutes: 5 }),
  ],
] as const

describe.each(spendingRoutes)('%s', (_route, send) => {
  test('is for who is signed in', async () => {
    headers = { 'idempotency-key': key }
    expect(problemOf(await send()).code).toBe('unauthenticated')
  })

  test('refuses a key that is no UUIDv7, or of another time', async () => {
    headers['idempotency-key'] = '11111111-1111-4111-8111-111111111111'
    expect(problemOf(await send())).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'Idempotency-Key' }],
    })
    headers['idempotency-key'] = api.clock.id(8 * 24 * 3_600_000)
    expect(problemOf(await send())).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'Idempotency-Key' }],
    })
    expect(api.account(userId)).toMatchObject({ creditsBalance: 200, holds: {} })
  })

  test('says what is needed and what there is where the balance does not suffice', async () => {
    api.store.change(userId, account => ({ ...account, creditsBalance: 1 }))
    expect(problemOf(await send())).toMatchObject({ status: 402, code: 'insufficient_credits', available: 1 })
  })

  test('says that the account is in debt', async () => {
    api.store.change(userId, account => ({ ...account, creditsBalance: -1 }))
    expect(problemOf(await send())).toMatchObject({ status: 402, code: 'account_in_debt', available: 0 })
  })

  test('is counted by user: sixty in a minute and no more', async () => {
    for (let i = 0; i < 60; i++) await api.throttle.count(api.rules.spendByUser, userId)
    expect(problemOf(await send()).code).toBe('too_many_requests')
    api.clock.advance(60_000)
    headers.authorization = `Bearer ${await api.accessTokens.issue(userId, api.clock.nowMs)}`
    expect((await send()).statusCode).toBeLessThan(300)
  })

  test('is refused for a while to who let too much of our work come to nothing', async () => {
    const meter = api.throttle.meter(api.rules.failedByUser)
    for (let i = 0; i < api.rules.failedByUser.limit; i++) await meter.note(userId)
    expect(problemOf(await send()).code).toBe('too_many_requests')
    expect(api.account(userId).holds).toEqual({})
  })

  test('makes a key where none was sent', async () => {
    headers = { authorization: headers.authorization ?? '' }
    const response = await send()
    expect(response.statusCode).toBeLessThan(300)
    expect(JSON.parse(response.body ?? '').operation_id).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('charges once for the same request twice, and answers the same', async () => {
    const [first, second] = [await send(), await send()]
    expect(second).toEqual(first)
    expect(Object.keys(api.account(userId).holds).length + api.store.usage.size).toBe(1)
  })
})

describe('POST /transcription/clip', () => {
  const clip = new Uint8Array([0x52, 0x49, 0x46, 0x46, 0xff, 0x00])

  test('answers 200 with what was said', async () => {
    const answer = answerOf(await post(createClip(api), clip), 200, clipResponseSchema)
    expect(answer).toMatchObject({ operation_id: key, status: 'completed', credits_used: 2 })
  })

  test('hands the vendor the very bytes that were sent', async () => {
    await post(createClip(api), clip)
    expect(new Uint8Array(api.speech.submitted[0]?.bytes ?? [])).toEqual(clip)
  })

  test('answers 202 while the vendor takes longer than the caller should wait', async () => {
    api.speech.states = [{ status: 'processing' }]
    const answer = answerOf(await post(createClip(api), clip), 202, clipResponseSchema)
    expect(answer).toEqual({ operation_id: key, status: 'processing', credits_held: 2 })
  })

  test.each(['empty', 'not_audio', 'truncated', 'too_short'] as const)(
    'refuses what is %s',
    async problem => {
      api.clipInspector.inspection = { kind: 'unreadable', problem }
      expect(problemOf(await post(createClip(api), clip))).toMatchObject({
        status: 415,
        code: 'unsupported_media',
      })
    },
  )

  test('refuses more than may be sent at once', async () => {
    expect(problemOf(await post(createClip(api), new Uint8Array(maxClipBytes + 1)))).toMatchObject({
      status: 413,
      code: 'body_too_large',
    })
    expect(api.speech.submitted).toEqual([])
  })

  test('says when the vendor fails, and charges nothing', async () => {
    api.speech.submission = vendorFails()
    expect(problemOf(await post(createClip(api), clip))).toMatchObject({
      status: 502,
      code: 'upstream_failed',
    })
    expect(api.account(userId)).toMatchObject({ creditsBalance: 200, holds: {} })
  })

  test('refuses another clip under the same key', async () => {
    await post(createClip(api), clip)
    expect(problemOf(await post(createClip(api), new Uint8Array([9])))).toMatchObject({
      status: 422,
      code: 'idempotency_mismatch',
    })
  })
})

describe('GET /transcription/clip/{id}', () => {
  const read = (id: string) => call(createClipRead(api), { headers, path: { id } })

  test('answers 200 for a clip that is finished', async () => {
    await post(createClip(api), new Uint8Array([1]))
    expect(answerOf(await read(key), 200, clipResponseSchema)).toMatchObject({ status: 'completed' })
  })

  test('answers 202 for one that is under way', async () => {
    api.speech.states = [{ status: 'processing' }]
    await post(createClip(api), new Uint8Array([1]))
    expect(answerOf(await read(key), 202, clipResponseSchema)).toMatchObject({ status: 'processing' })
  })

  test('answers 200 and why for one that failed', async () => {
    api.speech.states = [{ status: 'processing' }]
    await post(createClip(api), new Uint8Array([1]))
    api.speech.states = [{ status: 'failed' }]
    expect(answerOf(await read(key), 200, clipResponseSchema)).toMatchObject({
      status: 'failed',
      error: { code: 'upstream_failed' },
    })
  })

  test.each([
    ['an id that is none', 'latest', 'validation_failed'],
    ['an id of nobody', '019a9d0c-7c00-7000-8000-000000000001', 'not_found'],
  ])('refuses %s', async (_what, id, code) => {
    expect(problemOf(await read(id)).code).toBe(code)
  })

  test('is counted by user: each may ask the vendor', async () => {
    for (let i = 0; i < api.rules.readClipByUser.limit; i++) {
      await api.throttle.count(api.rules.readClipByUser, userId)
    }
    expect(problemOf(await read(key)).code).toBe('too_many_requests')
  })

  test('is for who is signed in', async () => {
    headers = {}
    expect(problemOf(await read(key)).code).toBe('unauthenticated')
  })
})

describe('POST /transcription/ask', () => {
  test('answers 200 with what it rests on', async () => {
    expect(answerOf(await post(createAsk(api), question), 200, askResponseSchema)).toEqual({
      operation_id: key,
      answer: 'Fifty pounds.',
      cited: [0],
      credits_used: 5,
      credits_available: 195,
    })
  })

  test('takes the same question in another order of fields for the same', async () => {
    await post(createAsk(api), question)
    const again = await post(createAsk(api), { segments, question: ' How much? ' })
    expect(again.statusCode).toBe(200)
    expect(api.model.calls).toBe(1)
  })

  test.each([
    ['no question', { segments }, 'question'],
    ['an empty question', { question: ' ', segments }, 'question'],
    ['a question that is too long', { question: 'a'.repeat(1_001), segments }, 'question'],
    ['no transcript', { question: 'How much?' }, 'segments'],
    ['an empty transcript', { question: 'How much?', segments: [] }, 'segments'],
    [
      'a segment without words',
      { question: 'How much?', segments: [{ start_ms: 0, end_ms: 1, text: ' ' }] },
      'segments.0.text',
    ],
    [
      'a time that is no whole number',
      { question: 'How much?', segments: [{ start_ms: 0.5, end_ms: 1, text: 'a' }] },
      'segments.0.start_ms',
    ],
    [
      'a time before the beginning',
      { question: 'How much?', segments: [{ start_ms: -1, end_ms: 1, text: 'a' }] },
      'segments.0.start_ms',
    ],
    [
      'a segment that ends before it starts',
      { question: 'How much?', segments: [{ start_ms: 2, end_ms: 1, text: 'a' }] },
      'segments.0',
    ],
  ])('refuses %s by its path, and holds nothing', async (_what, body, path) => {
    expect(problemOf(await post(createAsk(api), body))).toMatchObject({
      code: 'validation_failed',
      errors: [{ path }],
    })
    expect(api.account(userId)).toMatchObject({ creditsBalance: 200, holds: {} })
    expect(api.model.calls).toBe(0)
  })

  test('refuses a transcript that is too long as a whole', async () => {
    const text = 'a'.repeat(5_000)
    const long = Array.from({ length: maxTranscriptCharacters / 5_000 + 1 }, (_, index) => ({
      start_ms: index,
      end_ms: index,
      text,
    }))
    expect(problemOf(await post(createAsk(api), { question: 'How much?', segments: long }))).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'segments', message: expect.stringContaining('send a part of it') }],
    })
  })

  test('says when the vendor fails, charges nothing and answers a repeat', async () => {
    api.model.nextAnswer = vendorFails()
    expect(problemOf(await post(createAsk(api), question))).toMatchObject({ code: 'upstream_failed' })
    api.model.nextAnswer = { answer: 'Fifty.', cited: [] }
    expect((await post(createAsk(api), question)).statusCode).toBe(200)
  })
})

describe('POST /transcription/catchup', () => {
  test('answers 202 with what is held', async () => {
    expect(
      answerOf(
        await post(createCatchup({ ...api, offersChannels: true }), { segments }),
        202,
        catchupAcceptedSchema,
      ),
    ).toEqual({
      operation_id: key,
      status: 'processing',
      credits_held: 20,
    })
    expect(api.queue.jobs).toMatchObject([{ userId, operationId: key, segments }])
  })

  test('says when the job could not be handed over', async () => {
    api.queue.failure = vendorFails()
    expect(problemOf(await post(createCatchup({ ...api, offersChannels: true }), { segments })).code).toBe(
      'upstream_failed',
    )
  })

  test('refuses a transcript that is none', async () => {
    expect(
      problemOf(await post(createCatchup({ ...api, offersChannels: true }), { segments: 'He was here.' })),
    ).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'segments' }],
    })
  })
})

describe('POST /transcription/catchup of a channel', () => {
  test('is refused where no channels are offered, and holds nothing', async () => {
    const handler = createCatchup({ ...api, offersChannels: false })
    expect(problemOf(await post(handler, { channel: 'speaks', minutes: 5 }))).toMatchObject({
      status: 400,
      code: 'validation_failed',
      detail: expect.stringContaining('Nothing was charged'),
      errors: [{ path: 'channel' }],
    })
    expect(api.queue.jobs).toEqual([])
    expect(answerOf(await post(handler, { segments }), 202, catchupAcceptedSchema).credits_held).toBe(20)
  })

  const send = (body: object) => post(createCatchup({ ...api, offersChannels: true }), body)

  test('answers 202 with the price of its minutes held', async () => {
    expect(answerOf(await send({ channel: ' Speaks ', minutes: 12 }), 202, catchupAcceptedSchema)).toEqual({
      operation_id: key,
      status: 'processing',
      credits_held: 120,
    })
    expect(api.queue.jobs).toMatchObject([{ kind: 'channel', channel: 'speaks', minutes: 12 }])
  })

  test.each([
    ['a channel that is an address', { channel: 'twitch.tv/speaks', minutes: 5 }, 'channel'],
    ['a channel that is no text', { channel: null, minutes: 5 }, 'channel'],
    ['no minutes', { channel: 'speaks' }, 'minutes'],
    ['too few minutes', { channel: 'speaks', minutes: 4 }, 'minutes'],
    ['too many minutes', { channel: 'speaks', minutes: 121 }, 'minutes'],
    ['half a minute', { channel: 'speaks', minutes: 5.5 }, 'minutes'],
    ['neither a channel nor a transcript', {}, 'segments'],
  ])('refuses %s, and says what of it', async (_what, body, path) => {
    expect(problemOf(await send(body))).toMatchObject({ code: 'validation_failed', errors: [{ path }] })
    expect(api.queue.jobs).toEqual([])
  })

  test('takes the same key for other minutes, or for a transcript, for another request', async () => {
    await send({ channel: 'speaks', minutes: 5 })
    expect((await send({ minutes: 5, channel: 'speaks' })).statusCode).toBe(202)
    expect(problemOf(await send({ channel: 'speaks', minutes: 6 })).code).toBe('idempotency_mismatch')
    expect(problemOf(await send({ segments })).code).toBe('idempotency_mismatch')
    expect(api.queue.jobs).toHaveLength(1)
  })

  test('goes from one function to the next as Lambda hands its jobs over, in JSON', async () => {
    api.speech.states = [{ status: 'completed', transcript: transcriptOf(300) }]
    api.model.nextSummary = { headline: 'He.', points: [{ at_ms: 600_000, text: 'He was here.' }] }
    await send({ channel: 'speaks', minutes: 5 })
    await createCatchupFetch(api)(JSON.parse(JSON.stringify(api.queue.jobs[0])), { awsRequestId: 'fetch-1' })
    const [streamed] = api.speech.streamed
    if (!streamed) throw new Error('Nothing was handed to the speech vendor.')
    const window = toRecording(streamed.callback.window)
    const job = { kind: 'transcript', ...streamed.callback, window, transcriptId: 'transcript-1' }
    await createCatchupWorker(api)(JSON.parse(JSON.stringify(job)), { awsRequestId: 'run-1' })
    const read = await call(createCatchupRead(api), { headers, path: { id: key } })
    expect(answerOf(read, 200, catchupResponseSchema)).toMatchObject({
      status: 'completed',
      recording: { video_id: '2290000001', muted_ms: 30_000 },
      credits_used: 50,
    })
  })

  test.each([
    ['nothing', undefined],
    ['a transcript', { kind: 'segments', userId: 'u', operationId: 'x', holdExpiresAtMs: 1, segments }],
    ['a job without its minutes', { kind: 'channel', userId: 'u', operationId: 'x', holdExpiresAtMs: 1 }],
  ])('its fetch fails at %s', async (_what, event) => {
    await expect(createCatchupFetch(api)(event, { awsRequestId: 'fetch-1' })).rejects.toThrow()
  })
})

describe('the catch-up worker', () => {
  const read = async () =>
    answerOf(await call(createCatchupRead(api), { headers, path: { id: key } }), 200, catchupResponseSchema)

  test('finishes the job as Lambda hands it over, in JSON, and GET answers it', async () => {
    await post(createCatchup({ ...api, offersChannels: true }), { segments })
    expect(await read()).toMatchObject({ status: 'processing', stage: 'summarising' })
    await createCatchupWorker(api)(JSON.parse(JSON.stringify(api.queue.jobs[0])), { awsRequestId: 'run-1' })
    expect(await read()).toMatchObject({
      status: 'completed',
      summary: { headline: 'Money was given.' },
      credits_used: 20,
    })
  })

  test.each([
    ['nothing', undefined],
    ['a job without its user', { kind: 'segments', operationId: 'x', holdExpiresAtMs: 1, segments }],
    ['a job without its hold', { kind: 'segments', userId: 'u', operationId: 'x', segments }],
    [
      'a channel',
      { kind: 'channel', userId: 'u', operationId: 'x', holdExpiresAtMs: 1, channel: 'a', minutes: 5 },
    ],
  ])('fails at %s', async (_what, event) => {
    await expect(createCatchupWorker(api)(event, { awsRequestId: 'run-1' })).rejects.toThrow()
  })

  test('GET refuses an id that is none, one of nobody, and who is not signed in', async () => {
    const get = async (id: string) =>
      problemOf(await call(createCatchupRead(api), { headers, path: { id } })).code
    expect(await get('latest')).toBe('validation_failed')
    expect(await get(api.clock.id())).toBe('not_found')
    headers = {}
    expect(await get(key)).toBe('unauthenticated')
  })
})
