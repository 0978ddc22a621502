import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { strFromU8, unzipSync } from 'fflate'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { developmentId } from '../../../extension/build/development-id.ts'
import { projectDir } from '../../../local/paths.ts'
import { type Cloud, startCloud } from '../../support/played-cloud/cloud.ts'
import { commandsOf, sectionOf } from '../../support/readme.ts'

/**
 * The README's part on deploying, done by somebody who has read nothing else: each of its commands in turn, as it is
 * printed, from the clone of what is in this directory to the first sale, and back.
 *
 * Real: deploy.sh and the operators' commands with all that they build, the code that was uploaded, DynamoDB Local,
 * the SDKs' calls. Played: AWS's command line and CloudFormation, API Gateway, Lambda and SSM (tests/support), the rest
 * of AWS and Stripe by the stand-ins. Packages aren't installed again, and nobody is asked: there is no terminal.
 */
const section = sectionOf(readFileSync(join(projectDir, 'README.md'), 'utf8'), 'Deploying')
const commands = commandsOf(section)

const listener = { email: 'you@example.com', password: 'correct horse battery' }
const storeId = 'abcdefghijklmnopabcdefghijklmnop'
const stripeKey = 'sk_live_stand_in_0123456789'

/** What somebody types into `.env.prod`. */
const filledIn: Record<string, string> = {
  STRIPE_SECRET_KEY: stripeKey,
  ASSEMBLYAI_API_KEY: 'marker-of-assemblyai-5f0c9e',
  OPENAI_API_KEY: 'marker-of-openai-5f0c9e',
  TWITCH_CLIENT_ID: 'twitch-client',
  TWITCH_CLIENT_SECRET: 'marker-of-twitch-5f0c9e',
  TWITCH_PLAYBACK_CLIENT_ID: 'twitch-player',
  ALARM_EMAIL: 'operator@example.com',
  MONTHLY_BUDGET_DOLLARS: '30',
}

const run = promisify(execFile)

let directory: string
let repository: string
let cloud: Cloud
/** Where whoever follows the README is. */
let place: string
/** Everything that any command has printed. */
let printed = ''

interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Types a line into a shell that is where the last one left it. */
const type = async (line: string): Promise<Ended> => {
  const placeFile = join(directory, 'place')
  const script = `${line}\ncode=$?\npwd > '${placeFile}'\nexit $code`
  const child = spawn('bash', ['-c', script], {
    cwd: place,
    env: cloud.shell,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  place = (await readFile(placeFile, 'utf8')).trim()
  printed += output
  return { code, output }
}

/** Does what the README says next, which must be this. */
const follow = (expected: string): Promise<Ended> => {
  const next = commands.shift()
  expect(next?.command).toBe(expected)
  return type((next?.line ?? '').replace('<this repository>', repository))
}

const succeeded = (text: string): Ended => ({ code: 0, output: expect.stringContaining(text) })

/** What is in this directory, as somebody finds it in a repository. */
const publish = async (): Promise<string> => {
  const published = join(directory, 'published')
  const at = [`--git-dir=${join(published, '.git')}`, `--work-tree=${projectDir}`]
  const author = ['-c', 'user.name=A', '-c', 'user.email=a@example.com']
  const git = (...args: string[]) => run('git', args, { env: { PATH: process.env.PATH, HOME: directory } })
  await git('init', '--quiet', published)
  await git(...at, 'add', '--all')
  await git(...at, ...author, 'commit', '--quiet', '--message', 'All of it')
  return published
}

const envFile = (): string => join(place, '.env.prod')

const fillIn = async (settings: Readonly<Record<string, string>>): Promise<void> => {
  let text = await readFile(envFile(), 'utf8')
  for (const [name, value] of Object.entries(settings)) {
    const line = new RegExp(`^${name}=.*$`, 'm')
    expect(text).toMatch(line)
    text = text.replace(line, `${name}=${value}`)
  }
  await writeFile(envFile(), text)
}

/** Calls the API as the extension from the store does. */
const call = async <Schema extends z.ZodType>(
  schema: Schema,
  path: string,
  { token, body }: { token?: string; body?: object } = {},
): Promise<z.output<Schema>> => {
  const response = await fetch(`${cloud.apiUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      origin: `chrome-extension://${storeId}`,
      'content-type': 'application/json',
      'idempotency-key': v7(),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer: unknown = await response.json()
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${JSON.stringify(answer)}`)
  expect(response.headers.get('access-control-allow-origin')).toBe(`chrome-extension://${storeId}`)
  return schema.parse(answer)
}

const allowedOrigin = async (origin: string): Promise<string | null> => {
  const headers = { origin, 'access-control-request-method': 'GET' }
  const response = await fetch(`${cloud.apiUrl}/credits/balance`, { method: 'OPTIONS', headers })
  return response.headers.get('access-control-allow-origin')
}

const creditsOf = async (token: string): Promise<number> =>
  (await call(z.object({ credits_available: z.int() }), '/credits/balance', { token })).credits_available

/** Presses the button on Stripe's page. */
const pay = async (checkoutUrl: string): Promise<void> => {
  const body = new URLSearchParams({ action: 'pay' })
  const response = await fetch(checkoutUrl, { method: 'POST', body, redirect: 'manual' })
  expect(response.status).toBe(303)
}

const untilCredits = async (token: string, credits: number): Promise<void> => {
  for (const deadline = Date.now() + 90_000; (await creditsOf(token)) !== credits; await sleep(200)) {
    if (Date.now() > deadline) throw new Error('The purchase was not credited.')
  }
}

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'readme-')))
  place = directory
  repository = await publish()
  cloud = await startCloud({ stage: 'prod', stripeKey, directory })
})

afterAll(async () => {
  await cloud?.close()
  await rm(directory, { recursive: true })
})

describe('whoever follows the README', () => {
  it('clones it', async () => {
    const { code } = await follow('git clone <this repository> live-transcription && cd live-transcription')
    expect({ code, place }).toEqual({ code: 0, place: join(directory, 'live-transcription') })
    await symlink(join(projectDir, 'node_modules'), join(place, 'node_modules'))
  })

  it('fills in what the table names, and nothing more', async () => {
    const { code } = await follow('cp .env.example .env.prod && chmod 600 .env.prod')
    expect({ code, mode: (await stat(envFile())).mode & 0o777 }).toEqual({ code: 0, mode: 0o600 })
    const table = section
      .split('\n')
      .filter(line => line.startsWith('|'))
      .join('\n')
    const named = [...table.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name]) => name)
    expect(named.sort()).toEqual(Object.keys(filledIn).sort())
  })

  it('is told by a dry run all that is missing at once', async () => {
    const { code, output } = await type('./deploy.sh prod --dry-run')
    expect(code).toBe(1)
    for (const name of ['STRIPE_SECRET_KEY', 'ASSEMBLYAI_API_KEY', 'OPENAI_API_KEY']) {
      expect(output).toContain(`${name} is missing`)
    }
  })

  it('is told by another what would be done, and nothing is', async () => {
    await fillIn(filledIn)
    const before = await cloud.account.read()
    const ended = await follow('./deploy.sh prod --dry-run')
    expect(ended).toEqual(succeeded('This was a dry run: nothing was changed.'))
    expect({ ...(await cloud.account.read()), calls: [] }).toEqual({ ...before, calls: [] })
    expect((await cloud.stripe.webhookEndpoints.list()).data).toEqual([])
  })

  it('deploys, and has a live API and a zip for the store', async () => {
    const ended = await follow('./deploy.sh prod')
    expect(ended).toEqual(succeeded('prod is in service.'))
    expect(ended.output).toContain(cloud.apiUrl)
    expect(ended.output.match(/^ {2}ok /gm)).toHaveLength(5)
    const [, zip = ''] = /extension +(\S+\.zip)$/m.exec(ended.output) ?? []
    const files = unzipSync(await readFile(join(place, zip)))
    const manifest = files['manifest.json']
    expect(manifest && strFromU8(manifest)).toContain(cloud.apiUrl)
    expect((await cloud.account.stack())?.resources.AlarmMail?.definition).toContain('operator@example.com')
  })

  it("lets in the store's extension once its id is set", async () => {
    await fillIn({ EXTENSION_ID: storeId })
    expect(await allowedOrigin(`chrome-extension://${storeId}`)).not.toBe(`chrome-extension://${storeId}`)
    expect(await follow('./deploy.sh prod')).toEqual(succeeded('prod is in service.'))
    expect(await allowedOrigin(`chrome-extension://${storeId}`)).toBe(`chrome-extension://${storeId}`)
  })

  it('finds it well', async () => {
    const ended = await follow('npm run ops -- status --stage prod')
    expect(ended).toEqual(succeeded('All is well.'))
    expect(ended.output).toContain(cloud.apiUrl)
  })

  it('makes the first sale, and finds it in the books', async () => {
    const { access_token: token } = await call(z.object({ access_token: z.string() }), '/auth/register', {
      body: listener,
    })
    const { checkout_url: checkoutUrl } = await call(
      z.object({ checkout_url: z.url() }),
      '/credits/purchase',
      {
        token,
        body: { package_id: 'starter' },
      },
    )
    await pay(checkoutUrl)
    await untilCredits(token, 700)
    const ended = await follow('npm run ops -- user you@example.com --stage prod')
    expect(ended).toEqual(succeeded(listener.email))
    expect(ended.output).toMatch(/purchase.*completed.*500.*\$2\.99/)
  })

  it('has every account close, and Stripe agree', async () => {
    const ended = await follow('npm run ops -- reconcile --stage prod')
    expect(ended).toEqual(succeeded('Every account closes, and every payment agrees.'))
    expect(ended.output).toContain('2 accounts and 1 payment')
  })

  it('goes back to the version before', async () => {
    expect(await follow('./deploy.sh prod rollback')).toEqual(
      succeeded('To undo this: ./deploy.sh prod rollback'),
    )
    expect(await allowedOrigin(`chrome-extension://${developmentId}`)).toBe(
      `chrome-extension://${developmentId}`,
    )
  })

  it('can not take it out of service while there are listeners', async () => {
    await cloud.showTables()
    const { code, output } = await follow('./deploy.sh prod remove')
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('holds data of listeners') })
    expect(await cloud.account.stack()).toBeDefined()
  })

  it('has no other command left, has seen no secret, and finds nothing left behind', async () => {
    expect(commands).toEqual([])
    expect(await readdir(cloud.shell.TMPDIR)).toEqual([])
    for (const name of [
      'STRIPE_SECRET_KEY',
      'ASSEMBLYAI_API_KEY',
      'OPENAI_API_KEY',
      'TWITCH_CLIENT_SECRET',
    ]) {
      expect(printed.includes(filledIn[name] ?? ''), name).toBe(false)
    }
  })
})
