import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { uploadStream } from '../../../../src/upstream/assemblyai/stream-upload.ts'
import { answer, drop, type RouteServer, redirect, startRouteServer } from '../../../support/route-server.ts'

let server: RouteServer

beforeEach(async () => {
  server = await startRouteServer()
})

afterEach(() => server.close())

const upload = (): Promise<string> =>
  uploadStream(Readable.from([Buffer.from('one '), Buffer.from('two')], { objectMode: false }), {
    apiKey: 'key',
    baseUrl: server.url,
  })

test('what comes is sent in order, with the key, and where it is kept is answered', async () => {
  server.routes['/v2/upload'] = answer({ upload_url: 'https://cdn.example/1' })
  expect(await upload()).toBe('https://cdn.example/1')
  expect(server.received).toMatchObject([
    {
      method: 'POST',
      body: 'one two',
      headers: {
        authorization: 'key',
        'content-type': 'application/octet-stream',
        'transfer-encoding': 'chunked',
      },
    },
  ])
})

test.each([400, 401, 429, 500])('a refusal keeps its status: %i', async status => {
  server.routes['/v2/upload'] = answer({ error: 'no' }, status)
  await expect(upload()).rejects.toMatchObject({ name: 'UpstreamError', kind: 'failed', status })
})

test('a redirect is followed nowhere', async () => {
  server.routes['/v2/upload'] = redirect('/elsewhere', 307)
  server.routes['/elsewhere'] = answer({ upload_url: 'https://cdn.example/1' })
  await expect(upload()).rejects.toThrow()
  expect(server.paths()).toEqual(['/v2/upload'])
})

test.each([
  ['a connection that is closed', drop],
  ['an answer that is not JSON', answer('<html>')],
  ['an answer of another shape', answer({ url: 'https://cdn.example/1' })],
])('%s is a failure', async (_what, route) => {
  server.routes['/v2/upload'] = route
  await expect(upload()).rejects.toThrow()
})
