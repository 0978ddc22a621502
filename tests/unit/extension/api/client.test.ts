import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApi } from '../../../../extension/api/client.ts'

interface Asked {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly authorization: string | undefined
  readonly idempotencyKey: string | string[] | undefined
  readonly contentType: string | undefined
  readonly body: string
}

type Answer = readonly [status: number, body: unknown]

let server: Server
let apiUrl: string
let asked: Asked[]
/** What is answered, one after the other. */
let answers: Answer[]

beforeEach(async () => {
  vi.stubGlobal('navigator', { onLine: true })
  asked = []
  answers = []
  server = createServer(async (request, response) => {
    asked.push(await read(request))
    const [status, body] = answers.shift() ?? [500, 'nothing left to answer']
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(() => {
  vi.unstubAllGlobals()
  server.closeAllConnections()
  server.close()
})

const read = async (request: IncomingMessage): Promise<Asked> => ({
  method: request.method,
  url: request.url,
  authorization: request.headers.authorization,
  idempotencyKey: request.headers['idempotency-key'],
  contentType: request.headers['content-type'],
  body: await text(request),
})

/** Hands out `a1`, and `a2` to who says that `a1` was refused. */
const api = () => createApi({ apiUrl, accessToken: async stale => (stale === 'a1' ? 'a2' : 'a1') })

const refusal = (code: string, more: object = {}): object => ({
  type: `/problems/${code}`,
  title: code,
  status: 400,
  detail: 'What happened.',
  code,
  ...more,
})

const tokens = { access_token: 'a', expires_in: 900, refresh_token: 'r' }
const lease = {
  operation_id: '01a20000-0000-7000-8000-000000000000',
  lease: 1,
}

describe('a call', () => {
  it('asks with what it was given, and gives what is answered', async () => {
    answers = [[200, tokens]]
    expect(await api().refresh('r0')).toEqual(tokens)
    expect(asked).toEqual([
      {
        method: 'POST',
        url: '/auth/refresh',
        authorization: undefined,
        idempotencyKey: undefined,
        contentType: 'application/json',
        body: '{"refresh_token":"r0"}',
      },
    ])
  })

  it('is known by the token, and a payment by its key', async () => {
    answers = [[200, { transaction_id: 't', session_id: 's', checkout_url: 'https://pay.example/1' }]]
    await api().purchase('key', 'starter')
    expect(asked[0]).toMatchObject({ authorization: 'Bearer a1', idempotencyKey: 'key' })
  })

  it('leaves out of the address what was not given', async () => {
    answers = [[200, { transactions: [] }]]
    await api().transactions({ limit: 5 })
    expect(asked[0]).toMatchObject({ url: '/credits/transactions?limit=5', contentType: undefined })
  })

  it('needs no answer where there is none to give', async () => {
    answers = [[204, '']]
    expect(await api().logout('r')).toBeUndefined()
  })
})

describe('a token that the API refuses', () => {
  it('is replaced once', async () => {
    answers = [
      [401, refusal('unauthenticated')],
      [200, { transactions: [] }],
    ]
    expect(await api().transactions()).toEqual({ transactions: [] })
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer a1', 'Bearer a2'])
  })

  it('is not replaced twice', async () => {
    answers = [
      [401, refusal('unauthenticated')],
      [401, refusal('unauthenticated')],
    ]
    await expect(api().transactions()).rejects.toMatchObject({ view: { code: 'unauthenticated' } })
    expect(asked).toHaveLength(2)
  })
})

describe('a refusal', () => {
  it('is told with all that a listener may be told', async () => {
    answers = [[402, refusal('insufficient_credits', { required: 10, available: 3 })]]
    await expect(api().startLive('key', '')).rejects.toMatchObject({
      view: {
        code: 'insufficient_credits',
        detail: 'What happened.',
        requiredCredits: 10,
        availableCredits: 3,
      },
    })
  })

  it('names what it is about, and when to come again', async () => {
    answers = [[409, refusal('live_already_open', { ...lease, retry_after_seconds: 30 })]]
    await expect(api().startLive('key', '')).rejects.toMatchObject({
      view: { operationId: lease.operation_id, lease: 1, retryAfterSeconds: 30 },
    })
  })
})

describe('what is no answer', () => {
  it.each<[string, Answer]>([
    ['not the JSON that was agreed', [200, { hello: 'world' }]],
    ['no JSON, as of a hotel’s sign-in page', [200, '<html>Welcome</html>']],
    ['an error without a problem', [502, 'Bad Gateway']],
    ['an error that nobody knows', [400, refusal('exploded')]],
  ])('is called so: %s', async (_, answer) => {
    answers = [answer]
    await expect(api().refresh('r')).rejects.toMatchObject({ view: { code: 'unexpected_answer' } })
  })

  it.each([
    [true, 'unreachable'],
    [false, 'offline'],
  ])('is told where nobody can be asked, online %s: %s', async (onLine, code) => {
    vi.stubGlobal('navigator', { onLine })
    server.closeAllConnections()
    server.close()
    await expect(api().refresh('r')).rejects.toMatchObject({ view: { code } })
  })
})
