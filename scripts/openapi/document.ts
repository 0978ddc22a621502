import * as z from 'zod'
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverride,
  type ZodOpenApiResponseObject,
} from 'zod-openapi'
import packageJson from '../../package.json' with { type: 'json' }
import { type ErrorCode, errorCodes, problemSchema } from '../../src/contracts/errors.ts'
import { problemExamples } from '../../src/contracts/examples.ts'
import { problemKinds, problemType } from '../../src/contracts/problems.ts'
import type { Access, Answer, Area, Body, Route } from '../../src/contracts/route.ts'
import { routes } from '../../src/contracts/routes.ts'

const areas: Record<Area, string> = {
  accounts: 'Opening an account, signing in and out',
  credits: 'What credits cost, buying them, and what is left',
  transcription: 'What credits are spent on',
  usage: 'What they were spent on',
  webhooks: 'For the vendors alone',
  service: 'Whether it works, and the pages that follow a payment',
}

const security: Record<Access, Record<string, string[]>[]> = {
  public: [],
  access_token: [{ access_token: [] }],
  stripe_signature: [{ stripe_signature: [] }],
  callback_secret: [{ callback_secret: [] }],
}

const retryAfter = z.int().meta({ description: 'Seconds to wait before trying again' })

const idempotencyKey = z
  .uuidv7()
  .optional()
  .meta({
    description:
      'Made by the client, and kept until it has the answer: the same key and request give the same answer, charged once. Made by the server where it is absent.',
    param: { name: 'Idempotency-Key', in: 'header', id: 'IdempotencyKey' },
  })

const problemExample = (code: ErrorCode) => ({
  type: problemType(code),
  ...problemKinds[code],
  code,
  ...problemExamples[code],
})

/** Codes whose answers carry `Retry-After`. */
const isRetryable = (code: ErrorCode): boolean => problemExamples[code].retry_after_seconds !== undefined

const retryHeaders = (codes: readonly ErrorCode[]) => {
  if (!codes.some(isRetryable)) return {}
  return {
    headers: z.object({ 'Retry-After': codes.every(isRetryable) ? retryAfter : retryAfter.optional() }),
  }
}

const pascalCase = (code: string): string =>
  code.replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase())

const problemResponse = (codes: readonly ErrorCode[]): ZodOpenApiResponseObject => ({
  id: codes.map(pascalCase).join('Or'),
  description: codes.map(code => `${problemKinds[code].title}: \`${code}\`.`).join(' '),
  ...retryHeaders(codes),
  content: {
    'application/problem+json': {
      schema: problemSchema,
      examples: Object.fromEntries(codes.map(code => [code, { $ref: `#/components/examples/${code}` }])),
    },
  },
})

/** Answers that several routes share stand in the document once. */
const sharedProblems = new Map<string, ZodOpenApiResponseObject>()
const sharedProblemResponse = (codes: readonly ErrorCode[]): ZodOpenApiResponseObject => {
  const key = codes.join()
  const response = sharedProblems.get(key) ?? problemResponse(codes)
  sharedProblems.set(key, response)
  return response
}

const content = (bodies: readonly Body[]) =>
  Object.fromEntries(
    bodies.map(({ mediaType, schema, example }) => [
      mediaType,
      { schema, ...(example === undefined ? {} : { example }) },
    ]),
  )

const answerResponse = ({ description, bodies }: Answer): ZodOpenApiResponseObject => ({
  description,
  ...(bodies.length === 0 ? {} : { content: content(bodies) }),
})

const responsesOf = (route: Route): ZodOpenApiOperationObject['responses'] => {
  const codes: readonly ErrorCode[] = [...route.errors, 'internal']
  const byStatus = Map.groupBy(codes, code => problemKinds[code].status)
  return Object.fromEntries([
    ...Object.entries(route.answers).map(([status, answer]) => [status, answerResponse(answer)] as const),
    ...[...byStatus].map(([status, group]) => [`${status}`, sharedProblemResponse(group)] as const),
  ])
}

const operationOf = (route: Route): ZodOpenApiOperationObject => ({
  operationId: route.operationId,
  tags: [route.area],
  summary: route.summary,
  ...(route.description === undefined ? {} : { description: route.description }),
  security: security[route.access],
  requestParams: {
    ...(route.pathParameters ? { path: route.pathParameters } : {}),
    ...(route.query ? { query: route.query } : {}),
  },
  ...(route.idempotencyKey ? { parameters: [idempotencyKey] } : {}),
  ...(route.body ? { requestBody: { required: true, content: content([route.body]) } } : {}),
  responses: responsesOf(route),
})

const paths = (): NonNullable<ZodOpenApiObject['paths']> =>
  Object.fromEntries(
    [...Map.groupBy(routes, route => route.path)].map(([path, group]) => [
      path,
      Object.fromEntries(group.map(route => [route.method.toLowerCase(), operationOf(route)])),
    ]),
  )

/**
 * Says what the wire says: fields may be added to answers, a date's pattern adds nothing to its format, and the
 * bounds of a JavaScript integer are none of the contract's.
 */
const plainer: ZodOpenApiOverride = ({ jsonSchema }) => {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
}

/** The OpenAPI 3.1 document of the HTTP contract. */
export const createOpenApiDocument = () =>
  createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Live transcription',
        version: packageJson.version,
        description:
          'JSON in snake_case, times in ISO 8601 (UTC), credits as integers. Fields may be added, never renamed. Errors are problem details (RFC 9457) with a stable `code`.',
        license: { name: packageJson.license, identifier: packageJson.license },
      },
      servers: [{ url: 'http://127.0.0.1:3000', description: 'What `npm start` runs' }],
      tags: Object.entries(areas).map(([name, description]) => ({ name, description })),
      paths: paths(),
      components: {
        securitySchemes: {
          access_token: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'The `access_token` of `/auth/login`. It lives 15 minutes.',
          },
          stripe_signature: {
            type: 'apiKey',
            in: 'header',
            name: 'Stripe-Signature',
            description: "Stripe's signature of the raw body.",
          },
          callback_secret: {
            type: 'apiKey',
            in: 'header',
            name: 'x-callback-secret',
            description: 'The secret that we gave AssemblyAI with the job.',
          },
        },
        examples: Object.fromEntries(
          errorCodes.map(code => [code, { summary: problemKinds[code].title, value: problemExample(code) }]),
        ),
      },
    },
    { override: plainer },
  )

/** The document as docs/openapi.json holds it. */
export const openApiText = (): string => `${JSON.stringify(createOpenApiDocument(), undefined, 2)}\n`
