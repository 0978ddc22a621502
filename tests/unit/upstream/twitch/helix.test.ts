import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AllowedFetch } from '../../../../src/upstream/allowed-fetch.ts'
import { RetriedFetch } from '../../../../src/upstream/retried-fetch.ts'
import { AppTokens } from '../../../../src/upstream/twitch/app-tokens.ts'
import { Helix } from '../../../../src/upstream/twitch/helix.ts'
import {
  answer,
  hang,
  inTurn,
  type Route,
  type RouteServer,
  startRouteServer,
} from '../../../support/route-server.ts'

let server: RouteServer
let nowMs: number
let sleptMs: number[]
let issued: number

beforeEach(async () => {
  server = await startRouteServer()
  nowMs = Date.parse('2026-11-20T18:00:00Z')
  sleptMs = []
  issued = 0
  server.routes['/id/oauth2/token'] = (request, response) =>
    answer({ access_token: `token-${++issued}`, expires_in: 1_000 })(request, response)
  server.routes['/helix/users'] = answer({ data: [{ id: '77' }] })
})

afterEach(() => server.close())

const helixAt = (): Helix => {
  const sleep = async (milliseconds: number): Promise<void> => {
    sleptMs.push(milliseconds)
    nowMs += milliseconds
  }
  const now = () => nowMs
  const fetch = new RetriedFetch(new AllowedFetch('twitch', [server.url]), { retries: 2, sleep })
  const common = { clientId: 'client', requestTimeoutMs: 5_000, now }
  const tokens = new AppTokens(fetch, { ...common, authUrl: `${server.url}/id`, clientSecret: 'secret' })
  return new Helix(fetch, tokens, { ...common, apiUrl: `${server.url}/helix` })
}

const { signal } = new AbortController()

/** The token of each request to Helix. */
const tokensUsed = (): (string | undefined)[] =>
  server.received
    .filter(({ url }) => url.pathname.startsWith('/helix'))
    .map(({ headers }) => headers.authorization)

const unauthorized: Route = answer(
  { error: 'Unauthorized', status: 401, message: 'Invalid OAuth token' },
  401,
)

describe("the application's token", () => {
  test('is asked for by the client id and secret', async () => {
    await helixAt().userId('speaks', signal)
    const [request] = server.received
    expect(request?.method).toBe('POST')
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      client_id: 'client',
      client_secret: 'secret',
      grant_type: 'client_credentials',
    })
    expect(server.received[1]?.headers).toMatchObject({
      authorization: 'Bearer token-1',
      'client-id': 'client',
    })
  })

  test('is one for all requests, also for those at the same time', async () => {
    const helix = helixAt()
    await Promise.all([1, 2, 3].map(() => helix.userId('speaks', signal)))
    await helix.userId('speaks', signal)
    expect(issued).toBe(1)
    expect(tokensUsed()).toEqual(Array(4).fill('Bearer token-1'))
  })

  test('is renewed before it ends, and not long before', async () => {
    const helix = helixAt()
    const startMs = nowMs
    await helix.userId('speaks', signal)
    nowMs = startMs + 800_000
    await helix.userId('speaks', signal)
    expect(issued).toBe(1)
    nowMs = startMs + 950_000
    await helix.userId('speaks', signal)
    expect(tokensUsed()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
  })

  test('that is refused is renewed once', async () => {
    server.routes['/helix/users'] = inTurn(unauthorized, answer({ data: [{ id: '77' }] }))
    expect(await helixAt().userId('speaks', signal)).toBe('77')
    expect(tokensUsed()).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  test('that is refused again is told', async () => {
    server.routes['/helix/users'] = unauthorized
    await expect(helixAt().userId('speaks', signal)).rejects.toMatchObject({
      kind: 'failed',
      cause: { status: 401 },
    })
    expect(issued).toBe(2)
  })

  test('that several find refused is renewed for all of them at once', async () => {
    server.routes['/helix/users'] = (request, response) =>
      (request.headers.authorization === 'Bearer token-1' ? unauthorized : answer({ data: [{ id: '77' }] }))(
        request,
        response,
      )
    const helix = helixAt()
    expect(await Promise.all([1, 2, 3].map(() => helix.userId('speaks', signal)))).toEqual(['77', '77', '77'])
    expect(issued).toBe(2)
  })

  test('that one gives up is still had by another, who asked at the same time', async () => {
    const issue = server.routes['/id/oauth2/token'] ?? hang
    server.routes['/id/oauth2/token'] = inTurn(hang, issue)
    const stop = new AbortController()
    const helix = helixAt()
    const given = helix.userId('speaks', stop.signal)
    const had = helix.userId('speaks', signal)
    expect(await had).toBe('77')
    stop.abort()
    await expect(given).rejects.toMatchObject({ kind: 'timeout' })
  })

  test('that could not be had is asked for again by the next', async () => {
    const issue = server.routes['/id/oauth2/token'] ?? unauthorized
    server.routes['/id/oauth2/token'] = inTurn(answer('', 400), issue)
    const helix = helixAt()
    await expect(helix.userId('speaks', signal)).rejects.toMatchObject({ cause: { status: 400 } })
    expect(await helix.userId('speaks', signal)).toBe('77')
  })
})

describe('a rate limit', () => {
  const limited = (resetsInMs: number): Route =>
    answer({ error: 'Too Many Requests', status: 429 }, 429, {
      'ratelimit-reset': String((nowMs + resetsInMs) / 1_000),
      'ratelimit-remaining': '0',
    })

  test('is waited for', async () => {
    server.routes['/helix/users'] = inTurn(limited(3_000), answer({ data: [{ id: '77' }] }))
    expect(await helixAt().userId('speaks', signal)).toBe('77')
    expect(sleptMs).toEqual([3_000])
  })

  test('that was lifted meanwhile is not waited for', async () => {
    server.routes['/helix/users'] = inTurn(limited(-2_000), answer({ data: [{ id: '77' }] }))
    expect(await helixAt().userId('speaks', signal)).toBe('77')
    expect(sleptMs).toEqual([0])
  })

  test('that is lifted much later is told', async () => {
    server.routes['/helix/users'] = limited(6_000)
    await expect(helixAt().userId('speaks', signal)).rejects.toMatchObject({ kind: 'failed', status: 429 })
    expect([sleptMs, tokensUsed().length]).toEqual([[], 1])
  })

  test('of which nothing else is known is waited for a little', async () => {
    server.routes['/helix/users'] = inTurn(answer('', 429), answer({ data: [{ id: '77' }] }))
    expect(await helixAt().userId('speaks', signal)).toBe('77')
    expect(sleptMs).toHaveLength(1)
    expect(sleptMs[0]).toBeLessThan(250)
  })
})

test('archives are the newest first, whatever their order', async () => {
  const archive = (id: string, created_at: string) => ({
    id,
    created_at,
    stream_id: null,
    muted_segments: null,
  })
  server.routes['/helix/videos'] = answer({
    data: [
      archive('2', '2026-11-19T18:00:00Z'),
      archive('3', '2026-11-20T18:00:00Z'),
      archive('1', '2026-11-18T18:00:00Z'),
    ],
  })
  const archives = await helixAt().archives('77', signal)
  expect(archives.map(({ id }) => id)).toEqual(['3', '2', '1'])
  expect(Object.fromEntries(server.received.at(-1)?.url.searchParams ?? [])).toEqual({
    user_id: '77',
    type: 'archive',
    sort: 'time',
    first: '20',
  })
})
