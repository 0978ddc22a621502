import { access, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient, RestoreTableToPointInTimeCommand } from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type Browser, chromium } from 'playwright-core'
import Stripe from 'stripe'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { developmentId } from '../../../extension/build/development-id.ts'
import { projectDir } from '../../../local/paths.ts'
import { standInKeys } from '../../../local/vendors.ts'
import { smokeTest } from '../../../scripts/deploy/smoke-test.ts'
import { usageResponseSchema } from '../../../src/contracts/analytics.ts'
import { sessionResponseSchema, userSchema } from '../../../src/contracts/auth.ts'
import {
  balanceResponseSchema,
  purchaseResponseSchema,
  transactionsResponseSchema,
} from '../../../src/contracts/credits.ts'
import { problemSchema } from '../../../src/contracts/errors.ts'
import { healthResponseSchema } from '../../../src/contracts/health.ts'
import {
  askResponseSchema,
  catchupAcceptedSchema,
  catchupResponseSchema,
  clipResponseSchema,
} from '../../../src/contracts/transcription.ts'
import { sectionOf, shellBlocksOf } from '../../support/readme.ts'
import { AUSTEN_0870, AUSTEN_0880, fixturePath } from '../../support/speech.ts'
import { wordErrorRate } from '../../support/word-error-rate.ts'
import {
  bash,
  endAll,
  newPlace,
  npmStart,
  type Place,
  printedCommands,
  processesNaming,
  type Running,
} from '../support.ts'

/** The bonus, a starter and a popular pack. */
const credited = 200 + 500 + 2_000
const password = 'correct horse battery'
const segments = [
  { start_ms: 0, end_ms: 7_100, text: AUSTEN_0870 },
  { start_ms: 7_100, end_ms: 10_100, text: AUSTEN_0880, speaker: 'Reader' },
]

let place: Place
let running: Running
let browser: Browser
let token = ''

interface Answer<Body> {
  readonly status: number
  readonly body: Body
}

/** Calls the API as the extension does, and holds its answer to the contract. */
const call = async <Schema extends z.ZodType>(
  schema: Schema,
  path: string,
  request: {
    body?: unknown
    bytes?: Uint8Array<ArrayBuffer>
    key?: string
    headers?: Record<string, string>
  } = {},
): Promise<Answer<z.output<Schema>>> => {
  const sends = request.body !== undefined || request.bytes !== undefined
  const response = await fetch(`${running.apiUrl}${path}`, {
    method: sends ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': request.bytes ? 'application/octet-stream' : 'application/json',
      ...(request.key ? { 'idempotency-key': request.key } : {}),
      ...request.headers,
    },
    ...(request.bytes ? { body: request.bytes } : {}),
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  })
  const body: unknown = await response.json()
  const parsed = schema.safeParse(body)
  if (!parsed.success) throw new Error(`${path} answered ${response.status}: ${JSON.stringify(body)}`)
  return { status: response.status, body: parsed.data }
}

const balance = async (): Promise<number> =>
  (await call(balanceResponseSchema, '/credits/balance')).body.credits_available

/** Recognising speech is slow where other tests have the processors. */
const longestWaitMs = 150_000

const until = async <Value>(read: () => Promise<Value>, good: (value: Value) => boolean): Promise<Value> => {
  const deadline = Date.now() + longestWaitMs
  for (;;) {
    const value = await read()
    if (good(value)) return value
    if (Date.now() > deadline) throw new Error(`Still ${JSON.stringify(value)}.`)
    await sleep(200)
  }
}

const sendClip = async (name: string, key: string = v7()) =>
  call(clipResponseSchema, '/transcription/clip', {
    bytes: new Uint8Array(await readFile(fixturePath(name))),
    key,
  })

/** As a client does it: a clip that takes the vendor over 20 seconds is asked for until it is there. */
const transcribe = async (name: string, key: string = v7()) => {
  const { body } = await sendClip(name, key)
  const path = `/transcription/clip/${body.operation_id}`
  const done =
    body.status === 'processing'
      ? await until(
          async () => (await call(clipResponseSchema, path)).body,
          ({ status }) => status !== 'processing',
        )
      : body
  if (done.status !== 'completed') throw new Error(JSON.stringify(done))
  return done
}

beforeAll(async () => {
  place = await newPlace()
  running = await npmStart(place)
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ],
  })
}, 240_000)

afterAll(async () => {
  await browser?.close()
  endAll()
})

describe('npm start', () => {
  it('answers in every part, and shows it on one page', async () => {
    const health = await call(healthResponseSchema, '/health')
    expect(health).toMatchObject({ status: 200, body: { status: 'healthy', dynamodb: 'connected' } })
    const page = await browser.newPage()
    await page.goto(`${running.localUrl}/`)
    await page.getByText('Everything answers').waitFor()
    await page.close()
  })

  it('prints commands that register, buy a pack, transcribe, caption as it is spoken and catch up', async () => {
    const commands = printedCommands(running.output())
    expect(commands).toHaveLength(6)
    const said = (await bash(commands)).split('\n')
    const [, checkoutUrl = '', text = ''] = said
    expect(checkoutUrl).toContain(`${running.localUrl}/c/pay/cs_test_`)
    expect(wordErrorRate(AUSTEN_0870, text)).toBeLessThanOrEqual(0.1)
    const captions = said.filter(line => /^ +\d:\d\d {2}/.test(line)).map(line => line.slice(7))
    expect(wordErrorRate(AUSTEN_0870, captions.join(' '))).toBeLessThanOrEqual(0.1)
    expect(said.find(line => line.includes('credits;'))).toMatch(
      /^\d+ s for 2 credits; 48 that were held are back, 196 are left\.$/,
    )
    const [operationId, stage] = said.slice(-2)
    expect(operationId).toMatch(/^[0-9a-f-]{36}$/)
    expect(['finding', 'fetching', 'transcribing']).toContain(stage)
  })

  it('does what the README prints for its API', async () => {
    const readme = await readFile(join(projectDir, 'README.md'), 'utf8')
    const blocks = ['The API', 'Live captions', 'Catching up on a stream'].flatMap(heading =>
      shellBlocksOf(sectionOf(readme, heading)),
    )
    expect(blocks).toHaveLength(3)
    const email = `${v7()}@example.com`
    const { body } = await call(sessionResponseSchema, '/auth/register', { body: { email, password } })
    const said = await bash([
      `export API_URL=${running.apiUrl} TOKEN=${body.access_token}`,
      ...blocks.map(block => `${block.replace('http://127.0.0.1:3000', '$API_URL')} && echo`),
    ])
    const [clip = '', ...others] = said.split('\n').filter(line => line !== '')
    const { text } = z.object({ text: z.string() }).parse(JSON.parse(clip))
    expect(wordErrorRate(AUSTEN_0880, text)).toBeLessThanOrEqual(0.1)
    expect(said).toMatch(/^\d+ s for 2 credits/m)
    expect(catchupAcceptedSchema.safeParse(JSON.parse(others.at(-1) ?? ''))).toMatchObject({ success: true })
  })

  it('runs the sweep by its schedule', async () => {
    const log = await readFile(join(place.stateDir, 'backend.log'), 'utf8')
    expect(log).toContain('Scheduling [sweep] cron: [*/5 * * * *]')
  })

  it('tries a function that fails again as Lambda does, and keeps what failed for good', async () => {
    const { CATCHUP_WORKER_FUNCTION: functionName = '' } = await operating()
    const lambda = new LambdaClient(await clientOptions('lambda'))
    const payload = { kind: 'unheard of' }
    const { StatusCode, $metadata } = await lambda.send(
      new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'Event',
        Payload: Buffer.from(JSON.stringify(payload)),
      }),
    )
    expect(StatusCode).toBe(202)
    const sqs = new SQSClient(await clientOptions('sqs'))
    const QueueUrl = `${running.localUrl}/aws/sqs/000000000000/live-transcription-local-dead-letters`
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))
    expect(JSON.parse(Messages[0]?.Body ?? '{}')).toMatchObject({
      requestContext: {
        requestId: $metadata.requestId,
        condition: 'RetriesExhausted',
        approximateInvokeCount: 3,
      },
      requestPayload: payload,
      responsePayload: { errorMessage: expect.stringContaining('invalid_union') },
    })
  })

  it('tells its owner’s commands how to reach it, and nobody else', async () => {
    expect((await stat(join(place.stateDir, 'operate.json'))).mode & 0o777).toBe(0o600)
    expect(await operating()).toMatchObject({
      STAGE: 'local',
      PUBLIC_API_URL: running.apiUrl,
      AWS_ENDPOINT_URL: `${running.localUrl}/aws`,
    })
  })

  it('lets no other origin but the extension read its answers', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const headers = { origin: 'https://evil.example', 'access-control-request-method': 'GET' }
      const response = await fetch(`${running.apiUrl}/credits/packages`, { method, headers })
      expect(response.headers.get('access-control-allow-origin')).toBe(`chrome-extension://${developmentId}`)
    }
  })

  it('passes the smoke test of deploy.sh, the second time with the account of the first', async () => {
    const order = { apiUrl: running.apiUrl, extensionId: developmentId, version: 'development' }
    for (const attempts of [3, 1]) {
      const results = await smokeTest({ ...order, attempts, pauseMs: 500 })
      expect(results).toHaveLength(5)
      expect(results.filter(({ failure }) => failure !== undefined)).toEqual([])
    }
  })
})

describe('a listener', () => {
  const email = `listener-${Date.now()}@example.com`

  it('registers and has the bonus', async () => {
    const { status, body } = await call(sessionResponseSchema, '/auth/register', {
      body: { email, password },
    })
    expect(status).toBe(201)
    token = body.access_token
    expect(await balance()).toBe(200)
  })

  it('is told what is wrong with what it sends', async () => {
    const bad = await call(problemSchema, '/transcription/ask', { body: { question: '', segments: [] } })
    expect(bad).toMatchObject({ status: 400, body: { code: 'validation_failed' } })
    expect(bad.body.errors?.map(error => error.path)).toEqual(['question', 'segments'])
    const notAudio = await call(problemSchema, '/transcription/clip', { bytes: new Uint8Array(5_000) })
    expect(notAudio).toMatchObject({ status: 415, body: { code: 'unsupported_media' } })
    expect(await balance()).toBe(200)
  })

  it('buys a pack on the Checkout page and has its credits', async () => {
    const key = v7()
    const purchase = await call(purchaseResponseSchema, '/credits/purchase', {
      body: { package_id: 'starter' },
      key,
    })
    expect(purchase.status).toBe(201)
    expect(
      (await call(purchaseResponseSchema, '/credits/purchase', { body: { package_id: 'starter' }, key }))
        .body,
    ).toEqual(purchase.body)
    const page = await browser.newPage()
    await page.goto(purchase.body.checkout_url)
    await page.getByRole('button', { name: 'Pay $2.99' }).click()
    await page.waitForURL(`${running.apiUrl}/checkout/success**`)
    await page.getByRole('heading', { name: 'Thank you.' }).waitFor()
    await page.close()
    await until(balance, credits => credits === 700)
    const { body } = await call(transactionsResponseSchema, '/credits/transactions')
    expect(body.transactions).toMatchObject([
      { type: 'purchase', status: 'completed', credits: 500, amount_cents: 299, balance_after: 700 },
      { type: 'bonus', status: 'completed', credits: 200, balance_after: 200 },
    ])
  })

  it('turns back from the Checkout page, or lets it expire, and pays nothing', async () => {
    const purchase = await call(purchaseResponseSchema, '/credits/purchase', {
      body: { package_id: 'power' },
    })
    const page = await browser.newPage()
    await page.goto(purchase.body.checkout_url)
    await page.getByRole('link', { name: 'Cancel and go back' }).click()
    await page.getByRole('heading', { name: 'Nothing was paid.' }).waitFor()
    await page.goto(purchase.body.checkout_url)
    await page.getByRole('button', { name: 'Let it expire' }).click()
    await page.close()
    const newest = async () =>
      (await call(transactionsResponseSchema, '/credits/transactions?limit=1')).body.transactions[0]?.status
    await until(newest, status => status === 'expired')
    expect(await balance()).toBe(700)
  })

  it('pays by a method that settles later: credited once it has, and not where it fails', async () => {
    for (const [outcome, status] of [
      ['Pay later, fails', 'failed'],
      ['Pay later, succeeds', 'completed'],
    ] as const) {
      const purchase = await call(purchaseResponseSchema, '/credits/purchase', {
        body: { package_id: 'popular' },
      })
      const page = await browser.newPage()
      await page.goto(purchase.body.checkout_url)
      await page.getByRole('button', { name: outcome }).click()
      await page.close()
      const newest = async () =>
        (await call(transactionsResponseSchema, '/credits/transactions?limit=1')).body.transactions[0]
      await until(
        newest,
        row => row?.transaction_id === purchase.body.transaction_id && row.status === status,
      )
    }
    expect(await balance()).toBe(credited)
  })

  it('sees on the account that a payment failed', async () => {
    const sendEvent = { type: 'invoice.payment_failed', customer: await customerOf(email), amount_cents: 999 }
    await control('/stripe/control', { send_event: sendEvent })
    const user = await until(
      async () => (await call(userSchema, '/auth/user')).body,
      found => found.payment_failed_at !== null,
    )
    expect(user.email).toBe(email)
    const { body } = await call(transactionsResponseSchema, '/credits/transactions?limit=1')
    expect(body.transactions).toMatchObject([
      { type: 'payment_failed', status: 'failed', credits: 0, amount_cents: 999 },
    ])
  })

  it('has 7.1 seconds of speech transcribed for 2 credits, and asking again costs nothing', async () => {
    const key = v7()
    const first = await transcribe('austen-0870.wav', key)
    expect(first).toMatchObject({ audio_seconds: 7.1, credits_used: 2 })
    expect(wordErrorRate(AUSTEN_0870, first.text)).toBeLessThanOrEqual(0.1)
    expect(await sendClip('austen-0870.wav', key)).toEqual({ status: 200, body: first })
    expect(await balance()).toBe(credited - 2)
    const other = await fetch(`${running.apiUrl}/transcription/clip`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'idempotency-key': key,
        'content-type': 'application/octet-stream',
      },
      body: new Uint8Array(await readFile(fixturePath('austen-0880.wav'))),
    })
    expect(other.status).toBe(422)
  })

  it.each(['wav', 'mp3', 'm4a', 'webm', 'ogg', 'flac'])(
    'has 3.0 seconds of %s transcribed for 1 credit',
    async extension => {
      const { credits_used, text } = await transcribe(`austen-0880.${extension}`)
      expect(credits_used).toBe(1)
      expect(wordErrorRate(AUSTEN_0880, text)).toBeLessThanOrEqual(0.15)
    },
  )

  it('asks a question, and is charged once however often it sends it', async () => {
    const before = await balance()
    const request = {
      body: { question: 'What did Mister John Dashwood have leisure to consider?', segments },
      key: v7(),
    }
    const first = await call(askResponseSchema, '/transcription/ask', request)
    expect(first.body).toMatchObject({ cited: [0], credits_used: 5, credits_available: before - 5 })
    expect(first.body.answer).toContain('prudently')
    expect((await call(askResponseSchema, '/transcription/ask', request)).body).toEqual(first.body)
    expect(await balance()).toBe(before - 5)
  })

  it('is caught up on its transcript by the worker', async () => {
    const before = await balance()
    const accepted = await call(catchupAcceptedSchema, '/transcription/catchup', { body: { segments } })
    expect(accepted).toMatchObject({ status: 202, body: { status: 'processing', credits_held: 20 } })
    const read = async () =>
      (await call(catchupResponseSchema, `/transcription/catchup/${accepted.body.operation_id}`)).body
    const done = await until(read, ({ status }) => status !== 'processing')
    expect(done).toMatchObject({
      status: 'completed',
      credits_used: 20,
      summary: { points: [{ at_ms: 0 }, { at_ms: 7_100 }] },
    })
    expect(await balance()).toBe(before - 20)
  })

  it('is caught up on a stream, told how far that is, and pays for its minutes', async () => {
    const before = await balance()
    const accepted = await call(catchupAcceptedSchema, '/transcription/catchup', {
      body: { channel: 'speaks', minutes: 5 },
    })
    expect(accepted).toMatchObject({ status: 202, body: { status: 'processing', credits_held: 50 } })
    const stages = new Set<string>()
    const read = async () => {
      const answer = await call(catchupResponseSchema, `/transcription/catchup/${accepted.body.operation_id}`)
      stages.add(answer.body.stage)
      return answer.body
    }
    const done = await until(read, ({ status }) => status !== 'processing')
    expect(done).toMatchObject({ status: 'completed', credits_used: 50, recording: { channel: 'speaks' } })
    expect(stages).toContain('transcribing')
    expect(done.summary?.headline).toMatch(/Dashwood|ill-disposed/)
    const { from_ms = 0, to_ms = 0 } = done.recording ?? {}
    expect(to_ms - from_ms).toBe(300_000)
    const outside = done.summary?.points.filter(({ at_ms }) => at_ms < from_ms || at_ms >= to_ms)
    expect(outside).toEqual([])
    expect(await balance()).toBe(before - 50)
  })

  it.each([
    ['nobody_here', 'channel_not_found'],
    ['offline_channel', 'channel_offline'],
    ['live_without_archive', 'no_recording'],
    ['all_muted', 'recording_muted'],
  ])('is told why there is nothing to catch up on at %s, and pays nothing', async (channel, code) => {
    const before = await balance()
    const accepted = await call(catchupAcceptedSchema, '/transcription/catchup', {
      body: { channel, minutes: 5 },
    })
    const read = async () =>
      (await call(catchupResponseSchema, `/transcription/catchup/${accepted.body.operation_id}`)).body
    const done = await until(read, ({ status }) => status !== 'processing')
    expect(done).toMatchObject({ status: 'failed', error: { code } })
    expect(await balance()).toBe(before)
  })

  it("is answered 202 when the vendor takes over 20 seconds, and the vendor's call-back finishes it", async () => {
    const before = await balance()
    await setSpeechDelay(23_000)
    const accepted = await sendClip('austen-0880.wav')
    await setSpeechDelay(0)
    expect(accepted).toMatchObject({ status: 202, body: { status: 'processing', credits_held: 1 } })
    const path = `/transcription/clip/${accepted.body.operation_id}`
    // The ledger, not the route, shows that the call-back did it: reading the clip would finish it too.
    await until(
      async () => (await call(balanceResponseSchema, '/credits/balance')).body,
      ({ credits_held }) => credits_held === 0,
    )
    const { body } = await call(clipResponseSchema, path)
    expect(body).toMatchObject({ status: 'completed', credits_used: 1 })
    expect(await balance()).toBe(before - 1)
  })

  it('reads its usage, as JSON and as a file', async () => {
    const { body } = await call(usageResponseSchema, '/analytics/usage')
    expect(body.summary).toMatchObject({
      credits_used: 84,
      by_service: { clip_transcription: 9, ask_agent: 5, catchup: 70 },
    })
    const response = await fetch(`${running.apiUrl}/analytics/usage`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/csv' },
    })
    expect(response.headers.get('content-type')).toContain('text/csv')
    const lines = (await response.text()).trim().split('\n')
    expect(lines).toHaveLength(body.usage.length + 1)
    expect(await balance()).toBe(credited - 84)
  })

  it('goes on with tables that were restored, and knows nothing of what came after', async () => {
    const before = await balance()
    const environment = await operating()
    const dynamoDb = new DynamoDBClient(await clientOptions('dynamodb'))
    for (const variable of ['USERS_TABLE', 'USAGE_TABLE', 'TRANSACTIONS_TABLE']) {
      await dynamoDb.send(
        new RestoreTableToPointInTimeCommand({
          SourceTableName: environment[variable],
          TargetTableName: `${environment[variable]}-r1`,
          UseLatestRestorableTime: true,
        }),
      )
    }
    await call(askResponseSchema, '/transcription/ask', {
      body: { question: 'Who had leisure?', segments },
      key: v7(),
    })
    expect(await balance()).toBe(before - 5)
    await control('/aws/control', { tables_suffix: '-r1' })
    expect(await balance()).toBe(before)
    expect((await operating()).USERS_TABLE).toBe(`${environment.USERS_TABLE}-r1`)
  })

  it('finds everything again after a restart, and nothing is left running in between', async () => {
    expect(await running.interrupt()).toBe(0)
    await until(
      () => processesNaming(place.stateDir),
      processes => processes.length === 0,
    )
    expect(await processesNaming(`--httpPort ${place.apiPort}`)).toEqual([])
    await expect(access(join(place.stateDir, 'operate.json'))).rejects.toThrow('ENOENT')
    running = await npmStart(place)
    const { body } = await call(sessionResponseSchema, '/auth/login', { body: { email, password } })
    token = body.access_token
    expect(await balance()).toBe(credited - 84)
  })

  it('is forgotten when npm start is told to', async () => {
    expect(await running.interrupt()).toBe(0)
    running = await npmStart(place, '--fresh')
    const { status } = await call(problemSchema, '/auth/login', { body: { email, password } })
    expect(status).toBe(401)
    expect(await running.interrupt()).toBe(0)
  })
})

/** The environment that a running start tells the operator's commands. */
const operating = async (): Promise<Record<string, string>> => {
  const text = await readFile(join(place.stateDir, 'operate.json'), 'utf8')
  return z.object({ environment: z.record(z.string(), z.string()) }).parse(JSON.parse(text)).environment
}

/** For a client of one of AWS's services. */
const clientOptions = async (service: string) => {
  const environment = await operating()
  return {
    endpoint: `${environment.AWS_ENDPOINT_URL}/${service}`,
    region: environment.AWS_REGION ?? '',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  }
}

/** Sets what a stand-in's control takes. */
const control = async (path: string, change: object): Promise<void> => {
  const response = await fetch(`${running.localUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  })
  if (!response.ok) throw new Error(await response.text())
}

const setSpeechDelay = (delayMs: number): Promise<void> =>
  control('/assemblyai/control', { delay_ms: delayMs })

/** The Stripe customer that buying has made of a listener. */
const customerOf = async (address: string): Promise<string> => {
  const stripe = new Stripe(standInKeys.stripe, {
    host: '127.0.0.1',
    port: place.localPort,
    protocol: 'http',
  })
  const { data } = await stripe.customers.list({ email: address })
  const [customer] = data
  if (!customer) throw new Error('Buying made no customer.')
  return customer.id
}
