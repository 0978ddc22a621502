import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { findFreePort } from '../../../local/ports.ts'

const main = fileURLToPath(new URL('../../../local/captions/main.ts', import.meta.url))
const recording = fileURLToPath(new URL('../../fixtures/austen-0880.wav', import.meta.url))

/** Runs the command, which is to fail, and answers what it says. */
const complaint = async (args: readonly string[], environment: Record<string, string>): Promise<string> => {
  const run = promisify(execFile)(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH ?? '', ...environment },
  })
  const failure: unknown = await run.catch((error: unknown) => error)
  if (failure instanceof Error && 'stderr' in failure) return String(failure.stderr).trim()
  throw new Error('It did not fail.', { cause: failure })
}

test.each([
  ['no recording', [], { TOKEN: 'token' }],
  ['no token', [recording], {}],
])('with %s it says what it needs', async (_what, args, environment) => {
  expect(await complaint(args, environment)).toBe(
    'Say who and what: TOKEN=<access token> npm run captions -- <recording>',
  )
})

test('it says where nobody answers', async () => {
  const apiUrl = `http://127.0.0.1:${await findFreePort()}`
  expect(await complaint([recording], { TOKEN: 'token', API_URL: apiUrl })).toBe(
    `The API at ${apiUrl} does not answer. Does npm start run?`,
  )
})

test('it says what the API says', async () => {
  const port = await findFreePort()
  const server = createServer((_request, response) => {
    response.writeHead(402).end(JSON.stringify({ detail: 'This costs 10 credits and 3 are left.' }))
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  const said = await complaint([recording], { TOKEN: 'token', API_URL: `http://127.0.0.1:${port}` })
  server.close()
  expect(said).toBe('This costs 10 credits and 3 are left.')
})
