import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import Stripe from 'stripe'
import * as z from 'zod'
import { webhookPath } from './stripe-endpoint.ts'

export interface SmokeOrder {
  readonly apiUrl: string
  readonly extensionId: string
  /** What `GET /health` is to tell. */
  readonly version: string
  /** How often `GET /health` is asked: a new function may take its time. */
  readonly attempts: number
  readonly pauseMs: number
}

export interface SmokeResult {
  readonly name: string
  /** What was wrong; undefined when nothing was. */
  readonly failure: string | undefined
}

/** One account of every stage, whose password nobody knows. example.com is kept for such use: nobody gets its mail. */
export const smokeEmail = 'smoke-test@example.com'
const timeoutMs = 15_000
const noSecretOfOurs = 'whsec_of_nobody'
const anotherOrigin = 'https://elsewhere.example'

/** Tries a live API, from outside, in the ways that matter most. */
export const smokeTest = async (order: SmokeOrder): Promise<SmokeResult[]> => {
  const results = [await named('healthy, in the version deployed', () => untilHealthy(order))]
  for (const [name, test] of tests) results.push(await named(name, () => test(order)))
  return results
}

type Test = (order: SmokeOrder) => Promise<string | undefined>

const named = async (name: string, test: () => Promise<string | undefined>): Promise<SmokeResult> => {
  try {
    return { name, failure: await test() }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
    return { name, failure: `${error instanceof Error ? error.message : String(error)}${cause}` }
  }
}

const call = (order: SmokeOrder, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${order.apiUrl}${path}`, { ...init, signal: AbortSignal.timeout(timeoutMs) })

const untilHealthy: Test = async order => {
  for (let attempt = 1; ; attempt += 1) {
    const failure = await health(order).catch((error: unknown) => String(error))
    if (failure === undefined || attempt >= order.attempts) return failure
    await sleep(order.pauseMs)
  }
}

const healthSchema = z.object({
  status: z.string(),
  version: z.string(),
  problems: z.array(z.string()).default([]),
})

const health: Test = async order => {
  const response = await call(order, '/health')
  const body = healthSchema.safeParse(await response.json().catch(() => undefined))
  if (!body.success) return `GET /health answered ${response.status}, and not what it should tell`
  const { status, version, problems } = body.data
  if (status !== 'healthy') return `GET /health says ${status}: ${problems.join('; ') || 'no reason'}`
  return version === order.version ? undefined : `GET /health says version ${version}, not ${order.version}`
}

const problemSchema = z.object({ code: z.string() })

const register: Test = async order => {
  const response = await call(order, '/auth/register', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      email: smokeEmail,
      password: randomBytes(24).toString('base64url'),
      name: 'Smoke test',
    }),
  })
  if (response.status === 201) return undefined
  const problem = problemSchema.safeParse(await response.json().catch(() => undefined))
  const code = problem.success ? problem.data.code : 'no code'
  // The account is there since the first deployment; or somebody has tried a lot from here.
  if (response.status === 409 && code === 'email_taken') return undefined
  if (response.status === 429) return undefined
  return `POST /auth/register answered ${response.status} (${code}), not 201 or 409`
}

const refusesForgery: Test = async order => {
  const payload = JSON.stringify({
    id: 'evt_smoke_test',
    object: 'event',
    type: 'checkout.session.completed',
  })
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: noSecretOfOurs })
  const response = await call(order, webhookPath, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': signature },
    body: payload,
  })
  return response.status === 400 ? undefined : `POST ${webhookPath} answered ${response.status}, not 400`
}

const allowedOriginFor = async (order: SmokeOrder, origin: string): Promise<string | null> => {
  const response = await call(order, '/credits/balance', {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  })
  return response.headers.get('access-control-allow-origin')
}

const letsExtensionIn: Test = async order => {
  const origin = `chrome-extension://${order.extensionId}`
  const allowed = await allowedOriginFor(order, origin)
  return allowed === origin ? undefined : `the API lets ${allowed ?? 'no origin'} in, not ${origin}`
}

const keepsOthersOut: Test = async order => {
  const allowed = await allowedOriginFor(order, anotherOrigin)
  return allowed === anotherOrigin || allowed === '*' ? `the API lets ${anotherOrigin} in` : undefined
}

const tests: readonly (readonly [string, Test])[] = [
  ['an account can be opened', register],
  ['a forged Stripe event is refused', refusesForgery],
  ['the extension is let in', letsExtensionIn],
  ['other origins are kept out', keepsOthersOut],
]
