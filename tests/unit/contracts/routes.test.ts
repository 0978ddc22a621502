import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { createOpenApiDocument } from '../../../scripts/openapi/document.ts'
import { errorCodes, problemSchema } from '../../../src/contracts/errors.ts'
import { problemExamples } from '../../../src/contracts/examples.ts'
import { problemKinds } from '../../../src/contracts/problems.ts'
import { routes } from '../../../src/contracts/routes.ts'
import { callbackSecretHeader } from '../../../src/upstream/assemblyai/speech-jobs.ts'

const serviceSchema = z.object({
  functions: z.record(
    z.string(),
    z.object({ events: z.array(z.object({ httpApi: z.string().optional() })).default([]) }),
  ),
})

const deployedRoutes = async (): Promise<string[]> => {
  const file = await readFile(new URL('../../../serverless.yml', import.meta.url), 'utf8')
  const { functions } = serviceSchema.parse(parse(file))
  return Object.values(functions).flatMap(({ events }) => events.flatMap(event => event.httpApi ?? []))
}

const named = routes.map(route => ({ name: `${route.method} ${route.path}`, route }))

test('the routes are those of serverless.yml, its preflight aside', async () => {
  const deployed = (await deployedRoutes()).filter(route => !route.startsWith('OPTIONS '))
  expect(named.map(({ name }) => name).sort()).toEqual(deployed.sort())
})

test('no two routes share a method and path, or an operation id', () => {
  expect(new Set(named.map(({ name }) => name)).size).toBe(routes.length)
  expect(new Set(routes.map(route => route.operationId)).size).toBe(routes.length)
})

test.each(named)('$name declares the parameters that its path names', ({ route }) => {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(match => match[1])
  expect(Object.keys(route.pathParameters?.shape ?? {})).toEqual(inPath)
})

test.each(named)('$name names each error once, and none that has the status of an answer', ({ route }) => {
  expect(new Set(route.errors).size).toBe(route.errors.length)
  const statuses = route.errors.map(code => `${problemKinds[code].status}`)
  expect(Object.keys(route.answers).filter(status => statuses.includes(status))).toEqual([])
})

test.each(named.filter(({ route }) => route.access === 'access_token'))(
  '$name asks for a token, so it can miss one',
  ({ route }) => {
    expect(route.errors).toContain('unauthenticated')
  },
)

test.each(named.filter(({ route }) => route.idempotencyKey))(
  '$name takes an Idempotency-Key, so it can refuse one',
  ({ route }) => {
    expect(route.errors).toEqual(expect.arrayContaining(['validation_failed', 'idempotency_mismatch']))
  },
)

test('every error code can be answered by some route', () => {
  const answered = new Set(['internal', ...routes.flatMap(route => route.errors)])
  expect(errorCodes.filter(code => !answered.has(code))).toEqual([])
})

describe('examples', () => {
  const bodies = named.flatMap(({ name, route }) => [
    ...(route.body ? [{ name: `the request of ${name}`, body: route.body }] : []),
    ...Object.entries(route.answers).flatMap(([status, answer]) =>
      answer.bodies.map(body => ({ name: `answer ${status} of ${name} as ${body.mediaType}`, body })),
    ),
  ])

  test.each(bodies.filter(({ body }) => body.example !== undefined))(
    '$name keep to their schema',
    ({ body }) => {
      expect(body.schema.safeParse(body.example)).toMatchObject({ success: true })
    },
  )

  test("stand beside every JSON body but the event, which is Stripe's own", () => {
    const without = bodies.filter(
      ({ body }) => body.mediaType === 'application/json' && body.example === undefined,
    )
    expect(without.map(({ name }) => name)).toEqual(['the request of POST /webhooks/stripe'])
  })

  test.each(errorCodes)('the problem %s keeps to the problem schema', code => {
    const problem = { type: `/problems/${code}`, ...problemKinds[code], code, ...problemExamples[code] }
    expect(problemSchema.strict().safeParse(problem)).toMatchObject({ success: true })
  })
})

test('the document names the header in which AssemblyAI hands our secret back', () => {
  const { components } = createOpenApiDocument()
  expect(components?.securitySchemes?.callback_secret).toMatchObject({ name: callbackSecretHeader })
})
