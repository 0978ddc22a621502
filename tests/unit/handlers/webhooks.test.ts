import { beforeEach, describe, expect, test, vi } from 'vitest'
import { webhookResponseSchema } from '../../../src/contracts/webhooks.ts'
import { toRecording } from '../../../src/domain/recording-window.ts'
import type { StripeWebhooks, VerifiedEvent } from '../../../src/domain/stripe-events/event.ts'
import { createHandler as createAssemblyAi } from '../../../src/handlers/webhook-assemblyai.ts'
import { createHandler as createStripe } from '../../../src/handlers/webhook-stripe.ts'
import { answerOf, problemOf } from '../support/answers.ts'
import { call } from '../support/api-event.ts'
import { transcriptOf, vendorFails, windowOf } from '../support/fake-vendors.ts'
import { createApi, type TestApi } from '../support/test-api.ts'

let api: TestApi
let userId: string
let id: string

beforeEach(async () => {
  api = createApi()
  userId = (await api.signIn()).userId
  id = api.clock.id()
})

describe('POST /webhooks/assemblyai', () => {
  beforeEach(async () => {
    api.speech.states = [{ status: 'processing' }]
    await api.clips.transcribe({ userId, operationId: id, requestHash: 'hash', bytes: new Uint8Array([1]) })
    api.speech.states = [{ status: 'completed', transcript: transcriptOf(7.1) }]
  })

  const clipOf = (operationId: string, expiresAtMs = 1) => ({
    kind: 'clip',
    user_id: userId,
    operation_id: operationId,
    hold_expires_at_ms: String(expiresAtMs),
    request_hash: 'hash',
    audio_ms: '7100',
  })

  const send = (
    change: { headers?: Record<string, string>; body?: object; query?: Record<string, string> } = {},
  ) => {
    const { expiresAtMs } = api.reservationOf(userId, id).hold
    const query = clipOf(id, expiresAtMs)
    return call(
      createAssemblyAi({
        ...api,
        secretHeader: 'x-callback-secret',
        isOurSecret: candidate => candidate === 'our-secret',
      }),
      {
        method: 'POST',
        headers: change.headers ?? { 'X-Callback-Secret': 'our-secret' },
        query: change.query ?? query,
        body: change.body ?? { transcript_id: 'transcript-1', status: 'completed' },
      },
    )
  }

  const isOpen = (): boolean => id in api.account(userId).holds

  test('finishes the clip and answers that it was received', async () => {
    expect(answerOf(await send(), 200, webhookResponseSchema)).toEqual({ received: true })
    expect(api.account(userId)).toMatchObject({ creditsBalance: 198, holds: {} })
  })

  test.each([
    ['without our secret', { headers: {} }],
    ['with another secret', { headers: { 'x-callback-secret': 'guess' } }],
    ['with an empty secret', { headers: { 'x-callback-secret': '' } }],
  ])('%s is refused before anything is read', async (_what, change) => {
    expect(problemOf(await send(change)).code).toBe('unauthenticated')
    expect(isOpen()).toBe(true)
  })

  test.each([
    ['without a transcript', { body: { status: 'completed' } }],
    ['without its operation', { query: {} }],
    ['of a kind that there is not', { query: { kind: 'song', user_id: 'u', request_hash: 'hash' } }],
    [
      'with an operation that is none',
      {
        query: {
          kind: 'clip',
          user_id: 'u',
          operation_id: '1',
          hold_expires_at_ms: '1',
          request_hash: 'hash',
          audio_ms: '7100',
        },
      },
    ],
    [
      'of a clip longer than any',
      { query: { ...clipOf('019a9d0c-7c00-7000-8000-000000000001'), user_id: 'u', audio_ms: '176400001' } },
    ],
  ])('%s is refused', async (_what, change) => {
    expect(problemOf(await send(change)).code).toBe('validation_failed')
    expect(isOpen()).toBe(true)
  })

  test('that fails is answered 500, so that it is sent again', async () => {
    api.speech.states = [vendorFails()]
    expect(problemOf(await send())).toMatchObject({ status: 500, code: 'internal' })
    expect(isOpen()).toBe(true)
  })

  test('of an attempt that is over changes nothing', async () => {
    const query = clipOf(id)
    expect((await send({ query })).statusCode).toBe(200)
    expect(isOpen()).toBe(true)
  })
})

describe('POST /webhooks/assemblyai of a catch-up', () => {
  const recording = toRecording(windowOf())
  const query = () => ({
    kind: 'catchup',
    user_id: userId,
    operation_id: id,
    hold_expires_at_ms: '1764000000000',
    request_hash: 'hash',
    recording: JSON.stringify(recording),
  })

  const send = (change: { status?: string; query?: Record<string, string> } = {}) =>
    call(
      createAssemblyAi({ ...api, secretHeader: 'x-callback-secret', isOurSecret: given => given === 'ours' }),
      {
        method: 'POST',
        headers: { 'X-Callback-Secret': 'ours' },
        query: { ...query(), ...change.query },
        body: { transcript_id: 'transcript-1', status: change.status ?? 'completed' },
      },
    )

  test.each(['completed', 'error'])('hands %s on to the worker, and asks no vendor', async status => {
    expect(answerOf(await send({ status }), 200, webhookResponseSchema)).toEqual({ received: true })
    expect(api.queue.jobs).toEqual([
      {
        kind: 'transcript',
        userId,
        operationId: id,
        holdExpiresAtMs: 1_764_000_000_000,
        requestHash: 'hash',
        window: windowOf(),
        transcriptId: 'transcript-1',
      },
    ])
    expect(api.speech.reads).toEqual([])
  })

  test('that can not be handed on is answered 500, so that it is sent again', async () => {
    api.queue.failure = vendorFails()
    expect(problemOf(await send())).toMatchObject({ status: 500, code: 'internal' })
  })

  const longestMs = 49 * 3_600_000

  test('takes a recording as long as there are', async () => {
    const to_ms = longestMs
    await send({ query: { recording: JSON.stringify({ ...recording, is_live: false, to_ms }) } })
    expect(api.queue.jobs).toMatchObject([{ window: { isLive: false, toMs: longestMs } }])
  })

  test.each<[string, object | string]>([
    ['without a channel', { channel: '' }],
    ['without its video', { video_id: undefined }],
    ['without saying whether it is live', { is_live: undefined }],
    ['that begins before it does', { from_ms: -1 }],
    ['that is longer than any', { to_ms: longestMs + 1 }],
    ['muted for longer than any', { muted_ms: longestMs + 1 }],
    ['of no time', { recorded_at: 'yesterday' }],
    ['that is no JSON', 'speaks'],
  ])('with a recording %s is refused', async (_what, change) => {
    const text = typeof change === 'string' ? change : JSON.stringify({ ...recording, ...change })
    expect(problemOf(await send({ query: { recording: text } })).code).toBe('validation_failed')
    expect(api.queue.jobs).toEqual([])
  })
})

describe('POST /webhooks/stripe', () => {
  const rawBody = '{"id": "evt_1",  "name": "Renée"}'
  let verified: VerifiedEvent | undefined
  let verify: ReturnType<typeof vi.fn<StripeWebhooks['verify']>>

  beforeEach(async () => {
    await api.purchases.start(userId, id, 'starter')
    api.log.lines.length = 0
    verified = {
      eventId: 'evt_1',
      event: {
        type: 'checkout.session.completed',
        session: {
          eventId: 'evt_1',
          sessionId: `cs_${id}`,
          createdMs: api.clock.nowMs,
          paymentStatus: 'paid',
          amountTotal: 299,
          currency: 'usd',
          transactionId: id,
          stage: 'test',
        },
      },
    }
    verify = vi.fn<StripeWebhooks['verify']>(async () => verified)
  })

  const send = (body: string | Uint8Array = rawBody, headers = { 'Stripe-Signature': 't=1,v1=abc' }) =>
    call(createStripe({ ...api, stage: 'test', webhooks: { verify } }), { method: 'POST', headers, body })

  test('credits what was paid and answers that it was received', async () => {
    expect(answerOf(await send(), 200, webhookResponseSchema)).toEqual({ received: true })
    expect(api.account(userId).creditsBalance).toBe(700)
  })

  test.each([
    ['as it is', rawBody],
    ['in base64', Buffer.from(rawBody)],
  ])('verifies the raw body %s, to the letter', async (_how, body) => {
    await send(body)
    expect(verify).toHaveBeenCalledWith(rawBody, 't=1,v1=abc')
  })

  test('acknowledges a type that nothing is done about', async () => {
    verified = { eventId: 'evt_2', event: undefined }
    expect(answerOf(await send(), 200, webhookResponseSchema)).toEqual({ received: true })
    expect(api.account(userId).creditsBalance).toBe(200)
  })

  test('refuses a signature that is wrong or missing, and says so in the log', async () => {
    verified = undefined
    expect(problemOf(await send()).status).toBe(400)
    const unsigned = await call(createStripe({ ...api, stage: 'test', webhooks: { verify } }), {
      method: 'POST',
      body: rawBody,
    })
    expect(problemOf(unsigned).status).toBe(400)
    expect(verify).toHaveBeenCalledTimes(1)
    expect(api.log.codes()).toEqual(['stripe_signature_refused', 'stripe_signature_refused'])
    expect(api.account(userId).creditsBalance).toBe(200)
  })

  test('that fails is answered 500, so that Stripe tries again, and credits then', async () => {
    vi.spyOn(api.store, 'completePurchase').mockRejectedValueOnce(new Error('crash'))
    expect(problemOf(await send())).toMatchObject({ status: 500, code: 'internal' })
    expect((await send()).statusCode).toBe(200)
    expect(api.account(userId).creditsBalance).toBe(700)
  })

  test('whose shape is not what it should be is answered 500', async () => {
    verify.mockRejectedValueOnce(new TypeError('amount_total'))
    expect(problemOf(await send()).status).toBe(500)
  })
})
