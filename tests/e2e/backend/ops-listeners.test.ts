import { execFile } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb'
import { AssemblyAI } from 'assemblyai'
import { Stripe } from 'stripe'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { projectDir } from '../../../local/paths.ts'
import { fixturePath } from '../../support/speech.ts'
import { endAll, newPlace, npmStart, type Place, type Running } from '../support.ts'

const password = 'correct horse battery'
const email = 'ann@example.com'
const run = promisify(execFile)

let place: Place
let running: Running
let environment: Record<string, string>
let token: string
let userId: string

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command as an operator types it. */
const ops = async (...args: string[]): Promise<Ended> => {
  const env = { ...process.env, LOCAL_STATE_DIR: place.stateDir, ENV_FILE: join(place.stateDir, 'e2e.env') }
  return run(process.execPath, ['ops/main.ts', ...args], { cwd: projectDir, env, timeout: 120_000 }).then(
    output => ({ code: 0, ...output }),
    (error: Ended) => error,
  )
}

const anything = z.record(z.string(), z.unknown())

/** Runs a command and reads its report; it must end with `code`. */
const report = async (code: number, ...args: string[]): Promise<Record<string, unknown>> => {
  const ended = await ops(...args, '--json')
  if (ended.code !== code)
    throw new Error(`ops ${args.join(' ')} ended with ${ended.code}:\n${ended.stdout}${ended.stderr}`)
  return anything.parse(JSON.parse(ended.stdout))
}

const call = async (
  path: string,
  body?: object | Uint8Array<ArrayBuffer>,
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const isClip = body instanceof Uint8Array
  const response = await fetch(`${running.apiUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'content-type': isClip ? 'application/octet-stream' : 'application/json',
      'idempotency-key': v7(),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: isClip ? body : JSON.stringify(body) }),
  })
  return { status: response.status, body: anything.parse(await response.json()) }
}

const balance = async (): Promise<number> => Number((await call('/credits/balance')).body.credits_available)

const signIn = async (path: '/auth/register' | '/auth/login'): Promise<number> => {
  const { status, body } = await call(path, { email, password })
  if (status >= 300) return status
  const session = z.object({ access_token: z.string(), user: z.object({ user_id: z.string() }) }).parse(body)
  token = session.access_token
  userId = session.user.user_id
  return status
}

const stripe = (): Stripe => {
  const { hostname: host, port } = new URL(running.localUrl)
  return new Stripe(environment.STRIPE_SECRET_KEY ?? '', { host, port, protocol: 'http' })
}

/** Makes happen at Stripe what no page can. */
const control = (body: object) =>
  fetch(`${running.localUrl}/stripe/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

/** Transcribes a clip, which may take the vendor over 20 seconds. */
const transcribe = async (): Promise<void> => {
  const { body } = await call(
    '/transcription/clip',
    new Uint8Array(await readFile(fixturePath('austen-0880.wav'))),
  )
  let { status } = body
  while (status === 'processing') {
    await sleep(500)
    status = (await call(`/transcription/clip/${body.operation_id}`)).body.status
  }
  expect(status).toBe('completed')
}

/** Pays for a pack while Stripe's events are kept back; answers the one that would have told of it. */
const payUnheard = async (): Promise<string> => {
  await control({ hold_webhooks: true })
  const { checkout_url } = (await call('/credits/purchase', { package_id: 'starter' })).body
  await fetch(String(checkout_url), {
    method: 'POST',
    body: new URLSearchParams({ action: 'pay' }),
    redirect: 'manual',
  })
  const { data } = await stripe().events.list({ type: 'checkout.session.completed', limit: 1 })
  return data[0]?.id ?? ''
}

/** Changes a row behind everybody's back. */
const change = async (update: UpdateCommandInput): Promise<void> => {
  const { DYNAMODB_ENDPOINT: endpoint = '' } = environment
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials })
  await DynamoDBDocumentClient.from(client).send(new UpdateCommand(update))
  client.destroy()
}

const tamper = (credits: number): Promise<void> =>
  change({
    TableName: environment.USERS_TABLE ?? '',
    Key: { user_id: userId },
    UpdateExpression: 'ADD credits_balance :credits',
    ExpressionAttributeValues: { ':credits': credits },
  })

beforeAll(async () => {
  place = await newPlace()
  running = await npmStart(place)
  const operate = await readFile(join(place.stateDir, 'operate.json'), 'utf8')
  environment = z
    .object({ environment: z.record(z.string(), z.string()) })
    .parse(JSON.parse(operate)).environment
  await signIn('/auth/register')
  const segments = [{ start_ms: 0, end_ms: 2_000, text: 'He was not an ill disposed young man.' }]
  await call('/transcription/ask', { question: 'Was he ill disposed?', segments })
  await transcribe()
}, 240_000)

afterAll(endAll)

describe('user', () => {
  it('shows an account by e-mail and by id, without what is secret', async () => {
    const shown = await report(0, 'user', email)
    expect(shown).toMatchObject({
      account: { user_id: userId, email, is_active: true },
      operations: [{ service_type: 'clip_transcription' }, { service_type: 'ask_agent', credits_used: 5 }],
      transactions: [{ type: 'bonus', credits: 200 }],
    })
    expect(JSON.stringify(shown)).not.toMatch(/\$2[aby]\$|ill disposed/)
    expect(await report(0, 'user', userId)).toEqual(shown)
    const { stdout } = await ops('user', email)
    expect(stdout).toContain('Last operations')
    expect(stdout).toContain(email)
  })

  it('says that there is no such account', async () => {
    const { code, stderr } = await ops('user', 'nobody@example.com')
    expect(code).toBe(1)
    expect(stderr).toContain('There is no account nobody@example.com')
  })
})

describe('adjust and grant', () => {
  const reason = ['--reason', 'Captions failed on Friday']

  it('say what they would do, and do nothing', async () => {
    const before = await balance()
    expect(await report(0, 'adjust', email, '50', ...reason)).toMatchObject({
      applied: false,
      owned_before: before,
      owned_after: before + 50,
    })
    const { stdout } = await ops('grant', email, '50', '--expires', '2099-01-01', ...reason)
    expect(stdout).toContain('--apply')
    expect(await balance()).toBe(before)
  })

  it('move credits once for each id, with who did it in the row', async () => {
    const before = await balance()
    const id = v7()
    const args = ['adjust', email, '50', ...reason, '--id', id, '--apply']
    expect(await report(0, ...args)).toMatchObject({ applied: true, is_new: true, transaction_id: id })
    expect(await report(0, ...args)).toMatchObject({ applied: true, is_new: false })
    expect(await balance()).toBe(before + 50)
    const { code, stderr } = await ops('adjust', email, '60', ...reason, '--id', id, '--apply')
    expect(code).toBe(1)
    expect(stderr).toContain('stands already and says something else')
    expect(await report(0, 'user', email)).toMatchObject({
      transactions: [
        { type: 'adjustment', reason: reason[1], actor: expect.stringMatching(/^arn:aws:/) },
        { type: 'bonus' },
      ],
    })
    const { transactions } = (await call('/credits/transactions')).body
    expect(JSON.stringify(transactions)).not.toMatch(/arn:aws|Friday/)
  })

  it('give credits that lapse', async () => {
    await report(0, 'grant', email, '30', '--expires', '2099-01-01', ...reason, '--apply')
    expect((await call('/credits/balance')).body.grants).toEqual([
      { credits: 30, expires_at: '2099-01-01T23:59:59.000Z', source: 'staff' },
    ])
  })

  it('take credits only once that is confirmed, and never more than there is', async () => {
    const before = await balance()
    const unconfirmed = await ops('adjust', email, '-20', ...reason, '--apply')
    expect(unconfirmed.code).toBe(1)
    expect(unconfirmed.stderr).toContain('Add --yes')
    await report(0, 'adjust', email, '-20', ...reason, '--apply', '--yes')
    expect(await balance()).toBe(before - 20)
    const { code, stderr } = await ops('adjust', email, '-5000', ...reason, '--apply', '--yes')
    expect(code).toBe(1)
    expect(stderr).toContain('takes none below zero')
    expect(await balance()).toBe(before - 20)
  })

  it.each([
    ['no reason', ['adjust', email, '5']],
    ['half a credit', ['adjust', email, '0.5', ...reason]],
    ['no end of a grant', ['grant', email, '5', ...reason]],
    ['an end that has passed', ['grant', email, '5', '--expires', '2020-01-01', ...reason]],
    ['more credits than any slip of the finger may move', ['adjust', email, '1000001', ...reason]],
    ['a reason that names somebody', ['adjust', email, '5', '--reason', 'For ann@example.com']],
    ['an id that any two may choose', ['adjust', email, '5', ...reason, '--id', 'one']],
  ])('end with 2 for %s', async (_what, args) => {
    expect((await ops(...args)).code).toBe(2)
  })
})

describe('a refund', () => {
  it('is booked once, on the account of who paid, and reconcile then knows', async () => {
    const before = await balance()
    await report(0, 'replay', await payUnheard(), '--apply')
    const { data } = await stripe().checkout.sessions.list({ limit: 1 })
    const refund = await stripe().refunds.create({ payment_intent: String(data[0]?.payment_intent) })
    const reason = ['--reason', 'Refunded']
    const book = [...reason, '--books', refund.id, '--apply', '--yes']
    expect(await ops('adjust', email, '-500', ...reason, '--books', 're_none')).toMatchObject({ code: 1 })
    const { user_id: other } = (await call('/auth/register', { email: 'bob@example.com', password })).body
      .user as { user_id: string }
    const refused = await ops('adjust', other, '-100', ...book)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`a payment of ${userId}`) })
    expect(await report(0, 'adjust', email, '-500', ...book)).toMatchObject({
      transaction_id: `refund#${refund.id}`,
    })
    expect(await report(0, 'adjust', email, '-500', ...book)).toMatchObject({ is_new: false })
    expect(await balance()).toBe(before)
    expect(await ops('adjust', email, '500', ...book)).toMatchObject({ code: 2 })
  })

  it('that failed afterwards gives back what it took, once and no more', async () => {
    const before = await balance()
    await report(0, 'replay', await payUnheard(), '--apply')
    const { data } = await stripe().checkout.sessions.list({ limit: 1 })
    const refund = await stripe().refunds.create({ payment_intent: String(data[0]?.payment_intent) })
    const book = ['--reason', 'Refunded', '--books', refund.id, '--apply', '--yes']
    await report(0, 'adjust', email, '-400', ...book)
    await control({ fail_refund: refund.id })
    expect(await ops('adjust', email, '-400', ...book)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has come back'),
    })
    expect(await ops('adjust', email, '401', ...book)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('400 credits were taken'),
    })
    expect(await report(0, 'adjust', email, '400', ...book)).toMatchObject({
      transaction_id: `refund#${refund.id}#failed`,
    })
    expect(await report(0, 'adjust', email, '400', ...book)).toMatchObject({ is_new: false })
    expect(await balance()).toBe(before + 500)
    await report(0, 'adjust', email, '-500', '--reason', 'Back to where it was', '--apply', '--yes')
  })
})

describe('a payment', () => {
  it('gives its credits once, by its event or by hand', async () => {
    const before = await balance()
    const book = (session: string, who = email) =>
      ['adjust', who, '500', '--reason', 'Paid', '--books', session, '--apply', '--yes'] as const
    const eventId = await payUnheard()
    const { data } = await stripe().checkout.sessions.list({ limit: 1 })
    const session = data[0]?.id ?? ''
    expect(await ops(...book(session, 'bob@example.com'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`a payment of ${userId}`),
    })
    expect(await report(0, ...book(session))).toMatchObject({ transaction_id: `session#${session}` })
    expect((await ops('replay', eventId, '--apply')).stdout).toContain('purchase_was_credited_before')
    expect(await balance()).toBe(before + 500)
    await report(0, 'replay', await payUnheard(), '--apply')
    const { data: newer } = await stripe().checkout.sessions.list({ limit: 1 })
    expect(await ops(...book(newer[0]?.id ?? ''))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has been credited'),
    })
    await payUnheard()
    const { data: refunded } = await stripe().checkout.sessions.list({ limit: 1 })
    await stripe().refunds.create({ payment_intent: String(refunded[0]?.payment_intent) })
    expect(await ops(...book(refunded[0]?.id ?? ''))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has gone back'),
    })
    expect(await balance()).toBe(before + 1_000)
    await report(0, 'adjust', email, '-1000', '--reason', 'Back to where it was', '--apply', '--yes')
  })
})

describe('replay', () => {
  it('credits a payment that nobody was told of, once', async () => {
    const before = await balance()
    const eventId = await payUnheard()
    expect(await report(0, 'replay', eventId)).toMatchObject({ applied: false, event_id: eventId })
    expect(await balance()).toBe(before)
    expect(await report(0, 'replay', eventId, '--apply')).toMatchObject({ outcome: ['purchase_credited'] })
    expect(await report(0, 'replay', eventId, '--apply')).toMatchObject({
      outcome: ['purchase_was_credited_before'],
    })
    expect(await balance()).toBe(before + 500)
  })

  it('ends with 1 where it moves nothing, since another amount was paid', async () => {
    const before = await balance()
    const eventId = await payUnheard()
    const { transaction_id } = await report(0, 'replay', eventId)
    const { TRANSACTIONS_TABLE: TableName = '' } = environment
    const repriced = { TableName, Key: { transaction_id }, UpdateExpression: 'SET amount = :amount' }
    const put = (cents: number) => change({ ...repriced, ExpressionAttributeValues: { ':amount': cents } })
    await put(1)
    expect(await report(1, 'replay', eventId, '--apply')).toMatchObject({
      outcome: ['purchase_amount_mismatch'],
    })
    expect(await balance()).toBe(before)
    await put(299)
    await report(0, 'replay', eventId, '--apply')
    expect(await balance()).toBe(before + 500)
  })

  it('says that there is no such event, and what an event’s id looks like', async () => {
    const { code, stderr } = await ops('replay', 'evt_none', '--apply')
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('no such event') })
    expect((await ops('replay', 'cs_test_1')).code).toBe(2)
  })
})

describe('reconcile', () => {
  it('ends with 0 where all books close and all payments agree', async () => {
    expect(await report(0, 'reconcile')).toMatchObject({
      accounts: 2,
      complete: true,
      stripe_compared: true,
      ledger_mismatches: [],
      stripe_mismatches: [],
    })
    expect((await ops('reconcile', '--user', email)).stdout).toContain('Every account closes')
  })

  it('ends with 1 where they do not, and names the account and the runbook', async () => {
    await tamper(7)
    expect(await report(1, 'reconcile', '--user', email)).toMatchObject({
      ledger_mismatches: [{ user_id: userId, imbalance_credits: -7 }],
    })
    const { stdout } = await ops('reconcile', '--from', '2026-01-01')
    expect(stdout).toContain(userId)
    expect(stdout).toContain('docs/runbooks/ledger-mismatch.md')
    await tamper(-7)
  })
})

describe('export', () => {
  it('writes all that is kept into a new file that nobody else may read', async () => {
    const file = join(place.stateDir, 'ann.json')
    expect(await report(0, 'export', email, '--out', file)).toMatchObject({ file, operations: 2 })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const data = anything.parse(JSON.parse(await readFile(file, 'utf8')))
    expect(data).toMatchObject({
      account: { email },
      operations: [
        { service_type: 'ask_agent', result: { answer: expect.any(String) } },
        { service_type: 'clip_transcription', transcript: expect.stringMatching(/^He was not/) },
      ],
    })
    expect(JSON.stringify(data)).not.toMatch(/\$2[aby]\$|arn:aws/)
  })

  it('overwrites nothing', async () => {
    const file = join(place.stateDir, 'other.json')
    await writeFile(file, 'mine')
    const { code, stderr } = await ops('export', email, '--out', file)
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('not overwritten') })
    expect(await readFile(file, 'utf8')).toBe('mine')
  })

  it('prints it where no file is named', async () => {
    const { stdout } = await ops('export', email)
    expect(JSON.parse(stdout)).toMatchObject({ account: { email } })
  })
})

describe('erase', () => {
  it('says what it would take away, and takes nothing', async () => {
    expect(await report(0, 'erase', email)).toMatchObject({
      applied: false,
      operations: 2,
      transcripts: 1,
      stripe_customers: 1,
    })
    expect(await signIn('/auth/login')).toBe(200)
  })

  it('asks first', async () => {
    const { code, stderr } = await ops('erase', email, '--apply')
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('Add --yes') })
    expect(await signIn('/auth/login')).toBe(200)
  })

  it('takes the person out, and leaves books that close', async () => {
    const sdk = new AssemblyAI({
      apiKey: environment.ASSEMBLYAI_API_KEY ?? '',
      baseUrl: environment.ASSEMBLYAI_API_URL ?? '',
    })
    const { transcripts } = await sdk.transcripts.list()
    expect(await report(0, 'erase', email, '--apply', '--yes')).toMatchObject({
      applied: true,
      user_id: userId,
    })
    expect(await signIn('/auth/login')).toBe(401)
    expect((await call('/credits/balance')).status).toBe(401)
    expect((await stripe().customers.list({ email })).data).toEqual([])
    for (const { id } of transcripts)
      expect((await sdk.transcripts.get(id)).audio_url).toBe('http://deleted_by_user')
    expect(await report(0, 'reconcile')).toMatchObject({ accounts: 2, complete: true })
    expect((await ops('user', email)).code).toBe(1)
    expect(await report(0, 'user', userId)).toMatchObject({ account: { email: 'erased', is_active: false } })
    const again = await ops('erase', userId, '--apply', '--yes')
    expect(again.stdout).toContain('had been erased before')
  })

  it('frees the e-mail', async () => {
    const former = userId
    expect(await signIn('/auth/register')).toBe(201)
    expect(userId).not.toBe(former)
  })
})
