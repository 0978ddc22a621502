import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AllowedFetch, type FetchRequest, textOf } from '../../../src/upstream/allowed-fetch.ts'
import {
  answer,
  cutOff,
  drop,
  hang,
  type RouteServer,
  redirect,
  stall,
  startRouteServer,
} from '../../support/route-server.ts'

let server: RouteServer
let other: RouteServer

beforeEach(async () => {
  ;[server, other] = await Promise.all([startRouteServer(), startRouteServer()])
})

afterEach(() => Promise.all([server.close(), other.close()]))

const request: FetchRequest = { timeoutMs: 5_000, maxBytes: 1_000 }

const both = (): AllowedFetch => new AllowedFetch('cdn', [server.url, other.url])

/** Why nothing came of it. */
const reasonOf = (answered: Promise<unknown>): Promise<unknown> =>
  answered.then(
    () => 'answered',
    error => error.reason,
  )

describe('the list', () => {
  test.each([
    ['localhost', 'https://localhost/a'],
    ['LOCALHOST', 'https://localhost/a'],
    ['localhost', 'https://LocalHost:443/a'],
    ['*.cdn.localhost', 'https://a.cdn.localhost/'],
    ['*.CDN.localhost', 'https://a.b.cdn.localhost/'],
  ])('%s allows %s', async (entry, address) => {
    expect(await reasonOf(new AllowedFetch('cdn', [entry]).send(address, request))).not.toBe('refused')
  })

  test.each([
    ['localhost', 'http://localhost/'],
    ['localhost', 'https://localhost:8443/'],
    ['localhost', 'https://name@localhost/'],
    ['localhost', 'https://name:secret@localhost/'],
    ['localhost', 'https://:secret@localhost/'],
    ['localhost', 'https://localhost./'],
    ['localhost', 'https://127.0.0.1/'],
    ['localhost', 'https://a.localhost/'],
    ['localhost', 'https://localhost.example/'],
    ['localhost', 'https://localhost@example.org/'],
    ['localhost', 'https://example.org/#localhost'],
    ['localhost', 'ftp://localhost/'],
    ['localhost', 'file://localhost/etc/passwd'],
    ['localhost', 'data:text/plain,localhost'],
    ['localhost', '//localhost/'],
    ['localhost', ''],
    ['*.cdn.localhost', 'https://cdn.localhost/'],
    ['*.cdn.localhost', 'https://localhost/'],
    ['*.cdn.localhost', 'https://evil-cdn.localhost/'],
    ['*.cdn.localhost', 'https://a.cdn.localhost.example/'],
    ['*.cdn.localhost', 'http://a.cdn.localhost/'],
    ['*.cdn.localhost', 'https://a.cdn.localhost:8443/'],
    ['http://127.0.0.1:4000', 'data:text/plain,127.0.0.1:4000'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4001/'],
    ['http://127.0.0.1:4000', 'https://127.0.0.1:4000/'],
    ['http://127.0.0.1:4000', 'http://localhost:4000/'],
    ['http://127.0.0.1:4000', 'http://[::1]:4000/'],
    ['http://127.0.0.1:4000', 'http://name:secret@127.0.0.1:4000/'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000@example.org/'],
  ])('%s refuses %s', async (entry, address) => {
    const refusal = new AllowedFetch('cdn', [entry]).send(address, request)
    await expect(refusal).rejects.toMatchObject({ vendor: 'cdn', kind: 'failed', reason: 'refused' })
  })

  test.each([
    '',
    '*',
    '*.',
    '*.net',
    '*.*.net',
    '*.0.1',
    '*.127.0.0.1',
    '*.example.net.',
    'a.*.example.net',
    '*example.net',
    '.example.net',
    'example..net',
    'example.net.',
    'example.net:8443',
    'example.net/a',
    'name@example.net',
    'exämple.net',
    'data://x',
    'file://localhost',
    'ftp://example.net',
    'https://',
    'https://*.example.net',
    'https://example.net/a',
    'https://example.net?a',
    'https://name@example.net',
    'https://example.net:port',
  ])('does not take %j', entry => {
    expect(() => new AllowedFetch('cdn', ['example.net', entry])).toThrow(`"${entry}"`)
  })

  test.each(['127.0.0.1', 'https://example.net/', 'https://Example.net:443', 'http://[::1]:4000'])(
    'takes %j',
    entry => {
      expect(() => new AllowedFetch('cdn', [entry])).not.toThrow()
    },
  )

  test('an empty one refuses everything', async () => {
    expect(await reasonOf(new AllowedFetch('cdn', []).send('https://example.org/', request))).toBe('refused')
  })
})

describe('an answer', () => {
  test('is handed on whatever its status', async () => {
    server.routes['/a'] = answer('no', 403, { 'x-why': 'subscribers' })
    const answered = await both().send(`${server.url}/a?b=c`, request)
    const { status, headers, url } = answered
    expect([status, headers.get('x-why'), textOf(answered), url.href]).toEqual([
      403,
      'subscribers',
      'no',
      `${server.url}/a?b=c`,
    ])
  })

  test('answers what was sent', async () => {
    server.routes['/a'] = answer('')
    await both().send(`${server.url}/a`, {
      ...request,
      method: 'POST',
      headers: { 'x-key': '1' },
      body: 'hi',
    })
    expect(server.received[0]).toMatchObject({ method: 'POST', body: 'hi', headers: { 'x-key': '1' } })
  })

  test('of exactly as many bytes as are taken is taken', async () => {
    server.routes['/a'] = answer('a'.repeat(1_000))
    expect(textOf(await both().send(`${server.url}/a`, request))).toBe('a'.repeat(1_000))
  })

  test('of more bytes is refused, and the rest is not read', async () => {
    const closed = new Promise<void>(resolve => {
      server.routes['/a'] = (_request, response) => {
        response.once('close', resolve)
        response.write('a'.repeat(1_001))
      }
    })
    await expect(both().send(`${server.url}/a`, request)).rejects.toMatchObject({ reason: 'too_large' })
    await closed
  })

  test('is measured as it is once it is decompressed', async () => {
    server.routes['/a'] = answer(gzipSync('a'.repeat(100_000)), 200, { 'content-encoding': 'gzip' })
    await expect(both().send(`${server.url}/a`, request)).rejects.toMatchObject({ reason: 'too_large' })
  })
})

describe('what gives no answer', () => {
  test.each([
    ['never speaks', hang],
    ['stops in the middle of its body', stall],
  ])('times out where the server %s', async (_what, route) => {
    server.routes['/a'] = route
    const answered = both().send(`${server.url}/a`, { ...request, timeoutMs: 200 })
    await expect(answered).rejects.toMatchObject({ kind: 'timeout', reason: 'timeout' })
  })

  test.each([
    ['closes the connection', drop],
    ['closes it in the middle of its body', cutOff],
  ])('fails where the server %s', async (_what, route) => {
    server.routes['/a'] = route
    await expect(both().send(`${server.url}/a`, request)).rejects.toMatchObject({
      kind: 'failed',
      reason: 'network',
      status: undefined,
    })
  })

  test('ends at once, and so does its connection, when it is aborted', async () => {
    const stop = new AbortController()
    const closed = new Promise<void>(resolve => {
      server.routes['/a'] = (_request, response) => {
        response.once('close', resolve)
        stop.abort()
      }
    })
    await expect(both().send(`${server.url}/a`, { ...request, signal: stop.signal })).rejects.toThrow()
    await closed
  })

  test('names no address', async () => {
    server.routes['/a'] = drop
    const error = await both()
      .send(`${server.url}/a?nauth=secret`, request)
      .catch((failure: Error) => failure)
    expect(error).toBeInstanceOf(Error)
    expect((error as Error).message).not.toContain('secret')
  })
})

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])(
    'of status %i is followed, relative to where it stands',
    async status => {
      server.routes['/a/b'] = redirect('c?d=1', status)
      server.routes['/a/c'] = answer('there')
      const answered = await both().send(`${server.url}/a/b`, request)
      expect([textOf(answered), answered.url.href]).toEqual(['there', `${server.url}/a/c?d=1`])
    },
  )

  test('leads on three times, and not a fourth', async () => {
    for (const step of [1, 2, 3, 4]) server.routes[`/${step}`] = redirect(`/${step + 1}`)
    server.routes['/5'] = answer('there')
    expect(textOf(await both().send(`${server.url}/2`, request))).toBe('there')
    expect(await reasonOf(both().send(`${server.url}/1`, request))).toBe('refused')
  })

  test('leads to no host that is not on the list', async () => {
    server.routes['/a'] = redirect(`${other.url}/b`)
    other.routes['/b'] = answer('there')
    const listed = new AllowedFetch('cdn', [server.url])
    expect(await reasonOf(listed.send(`${server.url}/a`, request))).toBe('refused')
    expect(other.received).toEqual([])
  })

  test.each([
    'file:///etc/passwd',
    'http://169.254.169.254/latest/meta-data/',
    'http://name:secret@127.0.0.1/',
    'http://:0/',
  ])('to %s is refused', async location => {
    server.routes['/a'] = redirect(location)
    expect(await reasonOf(both().send(`${server.url}/a`, request))).toBe('refused')
  })

  test('takes headers along on the same origin', async () => {
    server.routes['/a'] = redirect('/b')
    server.routes['/b'] = answer('there')
    await both().send(`${server.url}/a`, { ...request, headers: { authorization: 'Bearer secret' } })
    expect(server.received[1]?.headers.authorization).toBe('Bearer secret')
  })

  test('to another origin takes no headers along, nor back', async () => {
    server.routes['/a'] = redirect(`${other.url}/b`)
    other.routes['/b'] = redirect(`${server.url}/c`)
    server.routes['/c'] = answer('there')
    const headers = { authorization: 'Bearer secret', 'client-id': 'mine' }
    expect(textOf(await both().send(`${server.url}/a`, { ...request, headers }))).toBe('there')
    const seen = [other.received[0], server.received[1]].map(received => received?.headers)
    expect(seen.map(each => [each?.authorization, each?.['client-id']])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ])
  })

  test('of what was posted is not followed', async () => {
    server.routes['/a'] = redirect('/b', 307)
    const { status } = await both().send(`${server.url}/a`, { ...request, method: 'POST', body: 'secret' })
    expect([status, server.paths()]).toEqual([307, ['/a']])
  })

  test('shares the deadline', async () => {
    server.routes['/a'] = redirect('/b')
    server.routes['/b'] = hang
    const answered = both().send(`${server.url}/a`, { ...request, timeoutMs: 200 })
    await expect(answered).rejects.toMatchObject({ reason: 'timeout' })
  })
})
