import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { DynamoDBClient, RestoreTableToPointInTimeCommand } from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { projectDir } from '../../../local/paths.ts'
import { commandsOf, sectionOf } from '../../support/readme.ts'
import { endAll, newPlace, npmStart, type Place, type Running } from '../support.ts'

const password = 'correct horse battery'
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const run = promisify(execFile)

let place: Place
let running: Running
/** Everything that any command has printed. */
let printed = ''
/** Everybody who has registered. */
const listeners: Listener[] = []

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command as an operator types it. */
const ops = async (...args: string[]): Promise<Ended> => {
  const env = {
    ...process.env,
    LOCAL_STATE_DIR: place.stateDir,
    ENV_FILE: join(place.stateDir, 'e2e.env'),
    NODE_COMPILE_CACHE: join(place.stateDir, 'compiled'),
  }
  const ended = await run(process.execPath, ['ops/main.ts', ...args], {
    cwd: projectDir,
    env,
    timeout: 120_000,
  }).then(
    output => ({ code: 0, ...output }),
    (error: Ended) => error,
  )
  printed += ended.stdout + ended.stderr
  return ended
}

/** Runs a command and reads its report; it must end with `code`. */
const report = async <Schema extends z.ZodType>(
  schema: Schema,
  code: number,
  ...args: string[]
): Promise<z.output<Schema>> => {
  const ended = await ops(...args, '--json')
  if (ended.code !== code)
    throw new Error(`ops ${args.join(' ')} ended with ${ended.code}:\n${ended.stdout}${ended.stderr}`)
  return schema.parse(JSON.parse(ended.stdout))
}

const sessionSchema = z.object({ access_token: z.string(), refresh_token: z.string() })
const balanceSchema = z.object({ credits_available: z.int() })

/** What a listener has; its tokens must never be printed. */
interface Listener {
  readonly email: string
  readonly session: z.output<typeof sessionSchema>
}

const call = async (
  path: string,
  request: { token?: string; body?: unknown; key?: string } = {},
): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${running.apiUrl}${path}`, {
    method: request.body === undefined ? 'GET' : 'POST',
    headers: {
      'content-type': 'application/json',
      ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
      ...(request.key === undefined ? {} : { 'idempotency-key': request.key }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  })
  return { status: response.status, body: await response.json() }
}

const register = async (name: string): Promise<Listener> => {
  const email = `${name}@example.com`
  const { body } = await call('/auth/register', { body: { email, password } })
  const listener = { email, session: sessionSchema.parse(body) }
  listeners.push(listener)
  return listener
}

const login = async (email: string): Promise<number> =>
  (await call('/auth/login', { body: { email, password } })).status

const balance = async ({ session }: Listener): Promise<number> =>
  balanceSchema.parse((await call('/credits/balance', { token: session.access_token })).body)
    .credits_available

/** Sets what a stand-in's control takes. */
const control = async (path: string, change: object): Promise<void> => {
  const response = await fetch(`${running.localUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  })
  if (!response.ok) throw new Error(await response.text())
}

/** Opens Checkout for the smallest pack. */
const openCheckout = async ({ session }: Listener): Promise<string> => {
  const { body } = await call('/credits/purchase', {
    token: session.access_token,
    body: { package_id: 'starter' },
    key: v7(),
  })
  return z.object({ checkout_url: z.url() }).parse(body).checkout_url
}

const pay = async (checkoutUrl: string): Promise<void> => {
  const response = await fetch(checkoutUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'action=pay',
    redirect: 'manual',
  })
  if (response.status !== 303) throw new Error(`Checkout answered ${response.status}.`)
}

const until = async <Value>(
  read: () => Promise<Value>,
  good: (value: Value) => boolean,
  pauseMs = 200,
): Promise<Value> => {
  const deadline = Date.now() + 90_000
  for (;;) {
    const value = await read()
    if (good(value)) return value
    if (Date.now() > deadline) throw new Error(`Still ${JSON.stringify(value)}.`)
    await sleep(pauseMs)
  }
}

const environmentOf = async (): Promise<Record<string, string>> => {
  const file = await readFile(join(place.stateDir, 'operate.json'), 'utf8')
  return z.object({ environment: z.record(z.string(), z.string()) }).parse(JSON.parse(file)).environment
}

/** Invokes a function as the backend does: asynchronously. */
const invoke = async (name: string, payload: object): Promise<void> => {
  const { LAMBDA_ENDPOINT: endpoint = '' } = await environmentOf()
  const client = new LambdaClient({ endpoint, region: 'us-east-1', credentials })
  const command = {
    FunctionName: name,
    InvocationType: 'Event',
    Payload: Buffer.from(JSON.stringify(payload)),
  } as const
  await client.send(new InvokeCommand(command))
  client.destroy()
}

/** What a restore that dies early has done. */
const beginRestore = async (table: string, suffix: string, at: string): Promise<void> => {
  const { AWS_ENDPOINT_URL } = await environmentOf()
  const client = new DynamoDBClient({
    endpoint: `${AWS_ENDPOINT_URL}/dynamodb`,
    region: 'us-east-1',
    credentials,
  })
  await client.send(
    new RestoreTableToPointInTimeCommand({
      SourceTableName: table,
      TargetTableName: `${table}${suffix}`,
      RestoreDateTime: new Date(Math.floor(Date.parse(at) / 1_000) * 1_000),
    }),
  )
  client.destroy()
}

let ada: Listener
/** Has a catch-up whose words can't be had at first. */
let grace: Listener
let operationId: string

const catchupSchema = z.object({ status: z.string(), stage: z.string() })
const readCatchup = async () =>
  catchupSchema.parse(
    (await call(`/transcription/catchup/${operationId}`, { token: grace.session.access_token })).body,
  )

/** Half of what it asks for is muted, and so quickly heard. The worker can't read the rest, in none of its runs. */
const beginDoomedCatchup = async (): Promise<void> => {
  const { body } = await call('/transcription/catchup', {
    token: grace.session.access_token,
    body: { channel: 'partly_muted', minutes: 5 },
  })
  operationId = z.object({ operation_id: z.string() }).parse(body).operation_id
  await until(readCatchup, ({ stage }) => stage === 'transcribing')
  await control('/assemblyai/control', { fail_next: { count: 1_000, status: 500 } })
}

beforeAll(async () => {
  place = await newPlace()
  running = await npmStart(place)
  grace = await register('grace')
}, 240_000)

afterAll(endAll)

const statusSchema = z.object({
  health: z.string(),
  dead_letters: z.int(),
  alarms: z.array(z.string()),
  last_24_hours: z.object({
    accounts_opened: z.int(),
    credits_sold: z.int(),
    price_cents_sold: z.int(),
  }),
  problems: z.array(z.object({ what: z.string(), runbook: z.string() })),
})

describe('what the README prints', () => {
  const commands = commandsOf(sectionOf(readFileSync(join(projectDir, 'README.md'), 'utf8'), 'Operating'))

  beforeAll(async () => {
    await register('you')
  })

  it.each(commands)('$command', async ({ line }) => {
    const env = { ...process.env, LOCAL_STATE_DIR: place.stateDir, ENV_FILE: join(place.stateDir, 'e2e.env') }
    const { stdout } = await run('bash', ['-c', line], { cwd: projectDir, env })
    expect(stdout).toMatch(/^(Stage|User id|2 accounts) /m)
  })
})

describe('status', () => {
  it('says that all is well', async () => {
    const { code, stdout } = await ops('status')
    expect(stdout).toContain('All is well.')
    expect(code).toBe(0)
    await beginDoomedCatchup()
  })

  it('counts what listeners have opened and bought', async () => {
    ada = await register('ada')
    await pay(await openCheckout(ada))
    await until(
      () => balance(ada),
      credits => credits === 700,
    )
    const { last_24_hours } = await report(statusSchema, 0, 'status')
    expect(last_24_hours).toEqual({ accounts_opened: 3, credits_sold: 500, price_cents_sold: 299 })
  })
})

describe('costs', () => {
  const costsSchema = z.object({
    services: z.array(z.object({ service: z.string(), dollars: z.string() })),
    total_cents: z.int(),
    expected_cents: z.int(),
    active_listeners: z.int(),
  })

  it('tells what the month has cost by service and by its end', async () => {
    await control('/aws/control', { dollars_per_day: { Cheap: 0.1, Dear: 0.3 } })
    const days = new Date().getUTCDate()
    const costs = await report(costsSchema, 0, 'costs')
    expect(costs.services).toEqual([
      { service: 'Dear', dollars: (0.3 * days).toFixed(4) },
      { service: 'Cheap', dollars: (0.1 * days).toFixed(4) },
    ])
    expect(costs).toMatchObject({ total_cents: 40 * days, active_listeners: 0 })
    expect(costs.expected_cents).toBeGreaterThan(costs.total_cents)
  })
})

describe('redrive', () => {
  const lettersSchema = z.object({
    dead_letters: z.array(
      z.object({ function: z.string(), operation_id: z.string().nullable(), outcome: z.string().optional() }),
    ),
  })
  const list = (code: number, ...args: string[]) => report(lettersSchema, code, 'redrive', ...args)

  it('lists an invocation that failed for good, and changes nothing', async () => {
    await until(
      () => ops('redrive'),
      ({ code }) => code === 1,
      1_500,
    )
    const { dead_letters } = await list(1)
    expect(dead_letters).toEqual([
      { function: 'live-transcription-local-catchup-worker', operation_id: operationId },
    ])
    expect(await readCatchup()).toMatchObject({ status: 'processing' })
    const status = await report(statusSchema, 1, 'status')
    expect(status.problems.map(({ runbook }) => runbook)).toContain('docs/runbooks/dead-letters.md')
  })

  it('runs it again, and it comes to its end', async () => {
    await control('/assemblyai/control', { fail_next: { count: 0, status: 500 } })
    const { dead_letters } = await list(0, '--apply')
    expect(dead_letters).toMatchObject([{ operation_id: operationId, outcome: 'run again' }])
    await until(readCatchup, ({ status }) => status === 'completed')
    expect(await balance(grace)).toBeLessThan(200)
    expect((await list(0)).dead_letters).toEqual([])
  })

  it('deletes what can never succeed once that is confirmed, and prints nothing of it', async () => {
    const said = 'what somebody said'
    await invoke('live-transcription-local-catchup-worker', { kind: 'segments', text: said })
    await until(
      () => ops('redrive'),
      ({ code }) => code === 1,
    )
    const refused = await ops('redrive', '--discard', '--apply')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Add --yes') })
    expect((await list(0, '--only', operationId, '--discard', '--apply', '--yes')).dead_letters).toEqual([])
    const { dead_letters } = await list(0, '--discard', '--apply', '--yes')
    expect(dead_letters).toMatchObject([{ operation_id: null, outcome: 'discarded' }])
    expect((await list(0)).dead_letters).toEqual([])
    expect(printed).not.toContain(said)
  })
})

describe('restore', () => {
  const restoreSchema = z.object({
    suffix: z.string(),
    switched: z.boolean(),
    accounts: z.int(),
    complete: z.boolean(),
    ledger_mismatches: z.array(z.unknown()),
    opened_since: z.array(z.string()),
    erased_again: z.array(z.string()),
    not_erased: z.array(z.string()),
    missed_payments: z.array(z.object({ kind: z.string(), amount_cents: z.int(), remedy: z.string() })),
    lost_movements: z.array(z.object({ type: z.string(), credits: z.int(), remedy: z.string() })),
  })
  let at: string
  /** Opened before that moment, and paid after it. */
  let checkout: string
  let late: Listener
  let restored: z.output<typeof restoreSchema>

  it('refuses a moment that the tables do not reach', async () => {
    for (const moment of ['2020-01-01T00:00:00Z', '2999-01-01T00:00:00Z']) {
      expect((await ops('restore', '--at', moment)).code).toBe(2)
    }
  })

  it('says what it would do, and begins only once that is confirmed', async () => {
    checkout = await openCheckout(ada)
    await sleep(1_500)
    at = new Date().toISOString()
    await sleep(1_500)
    const refused = await ops('restore', '--at', at, '--apply')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Add --yes') })
    const { code, stdout } = await ops('restore', '--at', at)
    expect(code).toBe(0)
    expect(stdout.match(/not there yet/g)).toHaveLength(3)
  })

  it('goes on where it was broken off', async () => {
    const suffix = `-r${at.slice(0, 19).replace(/\D/g, '')}`
    await beginRestore('live-transcription-local-users', suffix, at)
    const { stdout } = await ops('restore', '--at', at)
    expect(stdout).toMatch(/-users-r\d+ +(?:being restored|restored already)\n/)
    expect(stdout.match(/not there yet/g)).toHaveLength(2)
  })

  it('makes the ledger what it was, and says what makes up for what has come since', async () => {
    late = await register('late')
    await pay(checkout)
    await pay(await openCheckout(ada))
    await until(
      () => balance(ada),
      credits => credits === 1_700,
    )
    expect(await ops('adjust', ada.email, '50', '--reason', 'Sorry', '--apply')).toMatchObject({ code: 0 })
    expect(await ops('erase', grace.email, '--apply', '--yes')).toMatchObject({ code: 0 })
    restored = await report(restoreSchema, 0, 'restore', '--at', at, '--apply', '--yes')
    expect(restored).toMatchObject({ switched: true, accounts: 3, complete: true, ledger_mismatches: [] })
    expect(restored).toMatchObject({
      opened_since: [expect.any(String)],
      erased_again: [expect.any(String)],
    })
    expect(await balance(ada)).toBe(700)
    expect((await ops('status')).stdout).toContain(`restored: ${restored.suffix}`)
    const remedies = restored.missed_payments.map(({ remedy }) => remedy).sort()
    expect(remedies).toEqual([expect.stringMatching(/^adjust /), expect.stringMatching(/^replay evt_/)])
    const [adjust = '', replay = ''] = remedies
    expect((await ops(...replay.split(' '))).code).toBe(0)
    expect(await balance(ada)).toBe(1_200)
    for (const again of [1, 2]) {
      expect(await ops(...adjust.split(' ')), String(again)).toMatchObject({ code: 0 })
      expect(await balance(ada)).toBe(1_700)
    }
    expect(restored.lost_movements).toMatchObject([{ type: 'adjustment', credits: 50 }])
    for (const { remedy } of restored.lost_movements) {
      expect(await ops(...remedy.split(' '))).toMatchObject({ code: 0 })
      expect(await balance(ada)).toBe(1_750)
    }
  })

  it('leaves out who was erased or came later; others sign in as before', async () => {
    expect(await login(ada.email)).toBe(200)
    expect(await login(grace.email)).toBe(401)
    expect(await login(late.email)).toBe(401)
    expect(await balance(await register('grace'))).toBe(200)
    expect((await ops('reconcile', '--user', ada.email)).code).toBe(0)
  })

  it('is ended by the same command where it was broken off once they serve', async () => {
    const email = 'you@example.com'
    const { suffix } = restored
    await control('/aws/control', { tables_suffix: '' })
    expect(await ops('erase', email, '--apply', '--yes')).toMatchObject({ code: 0 })
    await control('/aws/control', { tables_suffix: suffix })
    expect(await login(email)).toBe(200)
    expect((await ops('restore', '--at', at)).stdout).toContain('Left in them')
    const ended = await report(restoreSchema, 0, 'restore', '--at', at, '--apply', '--yes')
    expect(ended).toMatchObject({ switched: true, not_erased: [], missed_payments: [], lost_movements: [] })
    expect(await login(email)).toBe(401)
  })

  it('has nothing to do a second time', async () => {
    const { code, stdout } = await ops('restore', '--at', at)
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('Nobody is left') })
  })
})

describe('what is printed', () => {
  it('holds no key, password hash or token, whatever is asked', async () => {
    const others = [
      ['user', ada.email],
      ['export', ada.email],
      ['grant', ada.email, '5', '--expires', '2999-12-31', '--reason', 'Test'],
      ['adjust', ada.email, '5', '--reason', 'Test'],
    ]
    for (const command of others) expect(await ops(...command), command[0]).toMatchObject({ code: 0 })
    const environment = await environmentOf()
    const secrets = Object.entries(environment).filter(
      ([name, value]) => /SECRET|_KEY$/.test(name) && value.length > 8,
    )
    expect(secrets.length).toBeGreaterThan(5)
    for (const [name, value] of secrets) expect(printed.includes(value), name).toBe(false)
    const tokens = listeners.flatMap(({ session }) => Object.values(session))
    expect(tokens.filter(token => printed.includes(token))).toEqual([])
    expect(tokens.length).toBeGreaterThan(6)
    expect(printed).not.toMatch(/\$2[aby]\$\d\d\$/)
  })

  it('shows no stack', () => {
    expect(printed).not.toMatch(/\n\s+at .*\.(?:ts|js):\d+/)
  })
})
