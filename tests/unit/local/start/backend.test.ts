import { createServer, type Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { readHealth, untilHealthy } from '../../../../local/backend.ts'
import { findFreePort } from '../../../../local/ports.ts'

let server: Server | undefined
afterEach(() => {
  server?.close()
  server = undefined
})

async function answering(status: number, body: unknown): Promise<string> {
  const port = await findFreePort()
  server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>(resolve => server?.listen(port, '127.0.0.1', resolve))
  return `http://127.0.0.1:${port}`
}

const running = { ended: new Promise<string>(() => undefined), close: async () => undefined }
const health = { status: 'healthy', dynamodb: 'connected', environment: 'configured', version: '1' }

describe('the backend', () => {
  it('is healthy when it says so', async () => {
    expect(await readHealth(await answering(200, health))).toEqual({ state: 'healthy', problems: [] })
  })

  it('is not healthy when its handler threw, though serverless-offline answers 200', async () => {
    const url = await answering(200, { errorMessage: 'e is not a constructor' })
    expect(await readHealth(url)).toMatchObject({ state: 'starting' })
  })

  it('is still starting while nothing answers, or the database doesn’t', async () => {
    expect(await readHealth(`http://127.0.0.1:${await findFreePort()}`)).toMatchObject({ state: 'starting' })
    const url = await answering(503, { ...health, status: 'unhealthy', dynamodb: 'unreachable' })
    expect(await readHealth(url)).toMatchObject({ state: 'starting' })
  })

  it('that lacks a variable ends the wait at once, with what it lacks', async () => {
    const problems = ['JWT_SECRET must have at least 32 bytes']
    const url = await answering(503, { ...health, status: 'unhealthy', environment: 'incomplete', problems })
    const waiting = untilHealthy(running, { url, logFile: '/backend.log', timeoutMs: 60_000 })
    await expect(waiting).rejects.toThrow(
      /Its log is \/backend\.log\n {2}JWT_SECRET must have at least 32 bytes/,
    )
  })

  it('that ends while it starts ends the wait at once, with how', async () => {
    const url = `http://127.0.0.1:${await findFreePort()}`
    const ended = { ...running, ended: Promise.resolve('exit code 1') }
    const waiting = untilHealthy(ended, { url, logFile: '/backend.log', timeoutMs: 60_000 })
    await expect(waiting).rejects.toThrow('The backend ended while it started (exit code 1)')
  })
})
