import { fork } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stripe } from 'stripe'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import * as z from 'zod'
import { bundleVariables, readBundle, secretVariables } from '../support/bundles.ts'
import { functionsOf, readTemplate, resourcesOf } from '../support/cloudformation.ts'
import { apiEvent } from '../unit/support/api-event.ts'

/** What is packed runs as it is packed: `npm start` bundles less. */

const { dev } = inject('packagedStages')
const template = await readTemplate(dev)
const roles = resourcesOf(template, 'AWS::IAM::Role', z.unknown())
const functions = [...functionsOf(template, 'dev')].map(([name, { roleId }]) => ({
  name,
  hasSecrets: JSON.stringify(roles.get(roleId)).includes('"ssm:'),
}))

const secretsPath = '/live-transcription/dev'
const requestSchema = z.object({ Names: z.array(z.string()), WithDecryption: z.boolean() })

/** As much of SSM as answers with every secret that there is. */
const ssmServer = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const { Names } = requestSchema.parse(JSON.parse(Buffer.concat(chunks).toString()))
  asked.push({ names: Names, authorization: request.headers.authorization ?? '' })
  const Parameters = Names.map(Name => ({ Name, Value: secretVariables[Name.slice(secretsPath.length + 1)] }))
  response.setHeader('content-type', 'application/x-amz-json-1.1')
  response.end(JSON.stringify({ Parameters: Parameters.filter(({ Value }) => Value !== undefined) }))
})
const asked: { readonly names: readonly string[]; readonly authorization: string }[] = []

let dir: string
let ssmUrl: string

const listen = (server: Server): Promise<number> =>
  new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bundle-runs-'))
  ssmUrl = `http://127.0.0.1:${await listen(ssmServer)}`
  for (const { name } of functions) {
    const { files } = await readBundle(join(dev, `${name}.zip`))
    await mkdir(join(dir, name))
    for (const [file, bytes] of files) await writeFile(join(dir, name, file), bytes)
  }
  await writeFile(
    join(dir, 'run.mjs'),
    `const [path, event] = process.argv.slice(2)
     const { handler } = await import(path)
     process.send(event ? await handler(JSON.parse(event), { awsRequestId: 'request-1' }) : typeof handler)
     process.disconnect()`,
  )
})
afterAll(async () => {
  ssmServer.close()
  await rm(dir, { recursive: true })
})

/** What a function answers to an event, or without one what its handler is, in a process of its own as Lambda's. */
const run = (name: string, event?: unknown): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const args = [join(dir, name, `${name}.mjs`), ...(event === undefined ? [] : [JSON.stringify(event)])]
    const child = fork(join(dir, 'run.mjs'), args, {
      silent: true,
      env: {
        ...bundleVariables,
        SECRETS_PATH: secretsPath,
        AWS_ENDPOINT_URL_SSM: ssmUrl,
        AWS_ACCESS_KEY_ID: 'key-of-the-role',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_SESSION_TOKEN: 'token',
      },
    })
    const errors: Buffer[] = []
    child.stderr?.on('data', chunk => errors.push(chunk))
    child.once('message', resolve)
    child.once('exit', () => reject(new Error(`${name} answered nothing: ${Buffer.concat(errors)}`)))
  })

test.each(functions)('$name starts as Lambda starts it', async ({ name, hasSecrets }) => {
  asked.length = 0
  expect(await run(name)).toBe('function')
  expect(asked.length > 0).toBe(hasSecrets)
  const strangers = asked.filter(
    ({ authorization }) => !authorization.includes('Credential=key-of-the-role/'),
  )
  expect(strangers).toEqual([])
})

describe('webhook-stripe', () => {
  const body = JSON.stringify({
    id: 'evt_1',
    object: 'event',
    type: 'customer.created',
    created: 1,
    data: {},
  })
  const stripe = new Stripe('sk_test')
  const signed = (secret: string) =>
    apiEvent({
      body,
      headers: { 'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload: body, secret }) },
    })

  test('loads what checks a signature, and takes one that is right', async () => {
    const answer = await run('webhook-stripe', signed(secretVariables.STRIPE_WEBHOOK_SECRET ?? ''))
    expect(answer).toMatchObject({ statusCode: 200 })
  })

  test('refuses another', async () => {
    expect(await run('webhook-stripe', signed('whsec_other'))).toMatchObject({ statusCode: 400 })
  })
})
