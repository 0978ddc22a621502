import { fileURLToPath } from 'node:url'
import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tryItCommands } from '../../../../local/commands.ts'
import { httpCheck, type Part } from '../../../../local/dashboard/parts.ts'
import { dashboard } from '../../../../local/dashboard/plugin.ts'
import { findFreePort } from '../../../../local/ports.ts'

const fixturesDir = fileURLToPath(new URL('../../../fixtures', import.meta.url))
const commands = tryItCommands('http://127.0.0.1:3000', fixturesDir)
const part = (id: string, check: Part['check']): Part => ({
  id,
  name: `Part <${id}>`,
  description: 'What it is.',
  links: [{ label: 'Look', href: `/${id}` }],
  check,
})

let app: FastifyInstance
beforeEach(async () => {
  app = fastify()
  await app.register(dashboard, {
    parts: [
      part('one', async () => ({ state: 'up', detail: 'answers' })),
      part('two', async () => ({ state: 'down', detail: 'does not answer' })),
    ],
    extensionSteps: ['Load <this>'],
    commands,
    fixturesDir,
    stateDir: '/state',
    logFile: '/state/backend.log',
  })
})
afterEach(() => app.close())

describe('the page of everything that runs', () => {
  it('shows each part, each command and each recording, with what it shows escaped', async () => {
    const { headers, body } = await app.inject('/')
    expect(headers['content-type']).toContain('text/html')
    expect(body).toContain('Part &lt;one&gt;')
    expect(body).toContain('href="/two"')
    expect(body).toContain('Load &lt;this&gt;')
    expect(body).toContain('src="/local/samples/austen-0870.wav"')
    for (const command of commands) expect(body).toContain(command.title)
  })

  it('gets the state of each part at the moment', async () => {
    const { body } = await app.inject('/local/status')
    expect(JSON.parse(body)).toEqual({
      parts: [
        { id: 'one', state: 'up', detail: 'answers' },
        { id: 'two', state: 'down', detail: 'does not answer' },
      ],
    })
  })

  it('loads nothing from elsewhere', async () => {
    const { body } = await app.inject('/')
    expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\/(?!127\.0\.0\.1)/)
  })
})

describe('the sample recordings', () => {
  it('are sent whole, and in part for a player that seeks', async () => {
    const whole = await app.inject('/local/samples/austen-0870.wav')
    expect(whole.statusCode).toBe(200)
    expect(whole.rawPayload.subarray(0, 4).toString()).toBe('RIFF')
    const some = await app.inject({ url: '/local/samples/austen-0870.wav', headers: { range: 'bytes=0-99' } })
    expect(some.statusCode).toBe(206)
    expect(some.rawPayload).toEqual(whole.rawPayload.subarray(0, 100))
  })

  it.each([
    '/local/samples/../../package.json',
    '/local/samples/%2e%2e/%2e%2e/package.json',
    '/local/samples/',
  ])('are all that is sent: not %s', async url => {
    expect((await app.inject(url)).statusCode).toBeGreaterThanOrEqual(400)
  })
})

describe('a check', () => {
  it('tells what does not answer, and what answers something else', async () => {
    const url = await app.listen({ port: await findFreePort(), host: '127.0.0.1' })
    expect(await httpCheck(url)()).toEqual({ state: 'up', detail: 'answers' })
    expect(await httpCheck(`${url}/nothing`)()).toEqual({ state: 'down', detail: 'answers 404' })
    await app.close()
    expect(await httpCheck(url)()).toEqual({ state: 'down', detail: 'does not answer' })
  })
})
