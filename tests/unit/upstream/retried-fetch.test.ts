import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  AllowedFetch,
  type FetchAnswer,
  type FetchRequest,
  textOf,
} from '../../../src/upstream/allowed-fetch.ts'
import { RetriedFetch } from '../../../src/upstream/retried-fetch.ts'
import {
  answer,
  cutOff,
  drop,
  hang,
  inTurn,
  type RouteServer,
  stall,
  startRouteServer,
} from '../../support/route-server.ts'

let server: RouteServer
let pausesMs: number[]

beforeEach(async () => {
  server = await startRouteServer()
  pausesMs = []
})

afterEach(() => server.close())

const request: FetchRequest = { timeoutMs: 600, maxBytes: 1_000 }

const retried = (sleep = async (milliseconds: number): Promise<void> => void pausesMs.push(milliseconds)) =>
  new RetriedFetch(new AllowedFetch('cdn', [server.url]), { retries: 2, sleep })

const get = (path: string): Promise<FetchAnswer> => retried().send(`${server.url}${path}`, request)

test.each([
  ['answers 500', answer('', 500)],
  ['answers 503', answer('', 503)],
  ['answers 429', answer('', 429)],
  ['closes the connection', drop],
  ['closes it in mid-body', cutOff],
  ['says nothing', hang],
  ['stalls in mid-body', stall],
])('a server that first %s is asked again', async (_what, route) => {
  server.routes['/a'] = inTurn(route, answer('there'))
  expect(textOf(await get('/a'))).toBe('there')
  expect(server.paths()).toEqual(['/a', '/a'])
})

test.each([301, 400, 401, 403, 404, 410])('an answer of %i stands', async status => {
  server.routes['/a'] = answer('', status)
  expect((await get('/a')).status).toBe(status)
  expect(server.paths()).toEqual(['/a'])
})

test('it is given up after three tries, and the last failure is told', async () => {
  server.routes['/a'] = inTurn(drop, answer('', 500), answer('', 503, { 'x-why': 'busy' }))
  await expect(get('/a')).rejects.toMatchObject({
    vendor: 'cdn',
    kind: 'failed',
    reason: 'status',
    status: 503,
  })
  expect(server.paths()).toHaveLength(3)
})

test('the pauses are random, up to a limit that doubles', async () => {
  server.routes['/a'] = drop
  const firsts: number[] = []
  for (let count = 0; count < 20; count++) {
    pausesMs = []
    await expect(get('/a')).rejects.toThrow()
    const [first = -1, second = -1] = pausesMs
    expect(pausesMs).toHaveLength(2)
    expect(first).toBeGreaterThanOrEqual(0)
    expect(first).toBeLessThan(250)
    expect(second).toBeGreaterThanOrEqual(0)
    expect(second).toBeLessThan(500)
    firsts.push(first)
  }
  expect(new Set(firsts).size).toBeGreaterThan(1)
})

test('what is refused or too large is not asked for again', async () => {
  server.routes['/a'] = answer('a'.repeat(1_001))
  await expect(get('/a')).rejects.toMatchObject({ reason: 'too_large' })
  await expect(retried().send('http://127.0.0.1:1/', request)).rejects.toMatchObject({ reason: 'refused' })
  expect(pausesMs).toEqual([])
  expect(server.paths()).toEqual(['/a'])
})

test("a caller's own pause decides, and knows the failure and the try", async () => {
  server.routes['/a'] = answer('', 429, { 'retry-after': '7' })
  const seen: unknown[] = []
  const answered = retried().send(`${server.url}/a`, request, (error, attempt) => {
    seen.push([attempt, (error as { headers: Headers }).headers.get('retry-after')])
    return attempt === 1 ? 70 : undefined
  })
  await expect(answered).rejects.toMatchObject({ status: 429 })
  expect(seen).toEqual([
    [1, '7'],
    [2, '7'],
  ])
  expect(pausesMs).toEqual([70])
})

test.each([
  { when: 'while it is asked', pauses: 0 },
  { when: 'in the pause', pauses: 1 },
])('nothing is asked again once it is aborted $when', async ({ pauses }) => {
  const stop = new AbortController()
  server.routes['/a'] = (request, response) => {
    if (pauses === 0) stop.abort()
    drop(request, response)
  }
  const fetch = retried(async milliseconds => {
    pausesMs.push(milliseconds)
    stop.abort()
  })
  const answered = fetch.send(`${server.url}/a`, { ...request, signal: stop.signal })
  await expect(answered).rejects.toMatchObject({ kind: 'timeout', reason: 'timeout' })
  expect(server.paths()).toEqual(['/a'])
  expect(pausesMs).toHaveLength(pauses)
})
