import { describe, expect, inject, test } from 'vitest'
import * as z from 'zod'
import { functionsOf, readTemplate, resourcesOf } from '../support/cloudformation.ts'

/** Who answers what. */
const routes: Record<string, string> = {
  'POST /auth/register': 'auth-register',
  'POST /auth/login': 'auth-login',
  'POST /auth/refresh': 'auth-refresh',
  'POST /auth/logout': 'auth-logout',
  'GET /auth/user': 'auth-user',
  'GET /credits/packages': 'credits-packages',
  'GET /credits/balance': 'credits-balance',
  'POST /credits/purchase': 'credits-purchase',
  'GET /credits/transactions': 'credits-transactions',
  'POST /transcription/clip': 'clip-create',
  'GET /transcription/clip/{id}': 'clip-read',
  'POST /transcription/ask': 'ask',
  'POST /transcription/catchup': 'catchup-create',
  'GET /transcription/catchup/{id}': 'catchup-read',
  'GET /analytics/usage': 'usage',
  'POST /webhooks/stripe': 'webhook-stripe',
  'POST /webhooks/assemblyai': 'webhook-assemblyai',
  'GET /health': 'health',
  'GET /checkout/success': 'checkout-success',
  'GET /checkout/cancel': 'checkout-cancel',
  'OPTIONS /{proxy+}': 'preflight',
}

/** API Gateway gives up after 30 seconds; the answer must be on its way before. */
const longestBehindGatewaySeconds = 29
/** A whole vCPU, for bcrypt. */
const wholeProcessorMb = 1_769

const template = await readTemplate(inject('packagedStages').dev)
const functions = functionsOf(template, 'dev')
const all = [...functions].map(([name, { properties }]) => ({ name, properties }))

test('there is a function for each route, the worker, and no other', () => {
  expect([...functions.keys()].sort()).toEqual([...Object.values(routes), 'catchup-worker'].sort())
})

test.each(all)('$name runs on Node 24 on arm64, from its own entry', ({ name, properties }) => {
  expect(properties).toMatchObject({
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Handler: `src/handlers/entries/${name}.handler`,
  })
})

test.each(all.filter(({ name }) => Object.values(routes).includes(name)))(
  '$name ends before the gateway gives up',
  ({ properties }) => {
    expect(properties.Timeout).toBeLessThanOrEqual(longestBehindGatewaySeconds)
  },
)

test('functions that hash passwords have a whole vCPU, and the rest little', () => {
  const large = all.filter(({ properties }) => properties.MemorySize > 512)
  expect(large.map(({ name }) => name).sort()).toEqual(['auth-login', 'auth-register'])
  expect(large.map(({ properties }) => properties.MemorySize)).toEqual([wholeProcessorMb, wholeProcessorMb])
})

describe('the gateway', () => {
  const routeSchema = z.object({
    RouteKey: z.string(),
    Target: z.object({
      'Fn::Join': z.tuple([
        z.literal('/'),
        z.tuple([z.literal('integrations'), z.object({ Ref: z.string() })]),
      ]),
    }),
  })
  const integrationSchema = z.object({
    IntegrationUri: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
    PayloadFormatVersion: z.string(),
  })
  const integrations = resourcesOf(template, 'AWS::ApiGatewayV2::Integration', integrationSchema)
  const nameOf = new Map([...functions].map(([name, { logicalId }]) => [logicalId, name]))

  test('leads every route to its function, and no other', () => {
    const routed = [...resourcesOf(template, 'AWS::ApiGatewayV2::Route', routeSchema).values()].map(route => {
      const integration = integrations.get(route.Target['Fn::Join'][1][1].Ref)
      return [route.RouteKey, nameOf.get(integration?.IntegrationUri['Fn::GetAtt'][0] ?? '')]
    })
    expect(Object.fromEntries(routed)).toEqual(routes)
  })

  test('hands over requests in payload format 2.0', () => {
    const formats = [...integrations.values()].map(({ PayloadFormatVersion }) => PayloadFormatVersion)
    expect(new Set(formats)).toEqual(new Set(['2.0']))
  })

  test('is the only service that may invoke a function, and it may not invoke the worker', () => {
    const permissionSchema = z.object({
      Principal: z.string(),
      Action: z.string(),
      FunctionName: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
      SourceArn: z.unknown(),
    })
    const permissions = [...resourcesOf(template, 'AWS::Lambda::Permission', permissionSchema).values()]
    const invoked = permissions.map(permission => nameOf.get(permission.FunctionName['Fn::GetAtt'][0]))
    expect(new Set(permissions.map(({ Principal }) => Principal))).toEqual(
      new Set(['apigateway.amazonaws.com']),
    )
    expect(permissions.every(({ SourceArn }) => SourceArn !== undefined)).toBe(true)
    expect(invoked.sort()).toEqual(Object.values(routes).sort())
  })
})

describe('the catch-up worker', () => {
  const worker = functions.get('catchup-worker')
  const invokeSchema = z.object({
    FunctionName: z.object({ Ref: z.string() }),
    MaximumEventAgeInSeconds: z.int(),
    MaximumRetryAttempts: z.int(),
  })
  const configs = [...resourcesOf(template, 'AWS::Lambda::EventInvokeConfig', invokeSchema).values()]

  test('is tried three times within ten minutes', () => {
    expect(configs).toEqual([
      {
        FunctionName: { Ref: worker?.logicalId },
        MaximumEventAgeInSeconds: 600,
        MaximumRetryAttempts: 2,
      },
    ])
  })

  test("has longer than the model's two attempts of a minute each", () => {
    expect(worker?.properties.Timeout).toBeGreaterThan(120)
  })

  test('has the name that the function which starts it is told', () => {
    const starter = functions.get('catchup-create')
    expect(starter?.properties.Environment.Variables.CATCHUP_WORKER_FUNCTION).toBe(
      worker?.properties.FunctionName,
    )
  })
})
