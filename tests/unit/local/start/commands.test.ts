import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { tryItCommands } from '../../../../local/commands.ts'
import { findFreePort } from '../../../../local/ports.ts'

const fixturesDir = fileURLToPath(new URL('../../../fixtures', import.meta.url))

/** Answers as the API does, and keeps what it was asked. */
async function startApi() {
  const port = await findFreePort()
  const asked: { url: string | undefined; authorization: string | undefined; body: Buffer }[] = []
  const answers: Record<string, unknown> = {
    '/auth/register': { access_token: 'the.access-token' },
    '/credits/purchase': { checkout_url: 'http://127.0.0.1:4000/c/pay/cs_1?a=b&c="d"' },
    '/transcription/clip': { text: 'And “Mr. John” had then leisure.' },
    // Captions need a socket as well: they run end to end in tests/e2e.
    '/transcription/stream': {},
    '/transcription/catchup': { operation_id: 'operation-1' },
    '/transcription/catchup/operation-1': { status: 'processing', stage: 'fetching' },
  }
  const server = createServer(async (request, response) => {
    const { url, headers } = request
    asked.push({ url, authorization: headers.authorization, body: Buffer.concat(await request.toArray()) })
    response.end(JSON.stringify(answers[url ?? '']))
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() }
}

describe('the commands to copy', () => {
  it('work when they are pasted one after the other', async () => {
    const api = await startApi()
    const lines = tryItCommands(api.url, fixturesDir).map(command => command.line)
    const { stdout } = await promisify(execFile)('bash', ['-c', lines.join('\n')])
    api.close()

    expect(stdout.trim().split('\n')).toEqual([
      'the.access-token',
      'http://127.0.0.1:4000/c/pay/cs_1?a=b&c="d"',
      'And “Mr. John” had then leisure.',
      'operation-1',
      'fetching',
    ])
    const [registered, bought, transcribed, captioned, caughtUp] = api.asked
    expect(JSON.parse(String(registered?.body))).toMatchObject({
      email: expect.stringMatching(/^me\d+@example\.com$/),
    })
    expect(JSON.parse(String(bought?.body))).toEqual({ package_id: 'starter' })
    expect(bought?.authorization).toBe('Bearer the.access-token')
    expect(transcribed?.body.subarray(0, 4).toString()).toBe('RIFF')
    expect(captioned).toMatchObject({
      url: '/transcription/stream',
      authorization: 'Bearer the.access-token',
    })
    expect(JSON.parse(String(caughtUp?.body))).toEqual({ channel: 'speaks', minutes: 5 })
  })

  it('tell what was wrong where there is no result', async () => {
    const port = await findFreePort()
    const server = createServer((_request, response) => response.end(JSON.stringify({ detail: 'Too many.' })))
    await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
    const [register] = tryItCommands(`http://127.0.0.1:${port}`, fixturesDir)
    const { stdout } = await promisify(execFile)('bash', ['-c', register?.line ?? ''])
    server.close()
    expect(stdout).toBe('Too many.\n')
  })

  it('quote a path with a space in it', () => {
    const transcribe = tryItCommands('http://127.0.0.1:3000', "/home/me/my clone's/fixtures")[2]
    expect(transcribe?.line).toContain(`@'/home/me/my clone'\\''s/fixtures/austen-0870.wav'`)
  })
})
