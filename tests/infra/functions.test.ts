import { describe, expect, inject, test } from 'vitest'
import * as z from 'zod'
import {
  channelHoldMs,
  eventAgeMs,
  fetchRunMs,
  lifeAfterFetchMs,
  transcriptHoldMs,
  workerRunMs,
} from '../../src/timing.ts'
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
  'POST /transcription/stream': 'stream-start',
  'POST /transcription/stream/{id}/renew': 'stream-renew',
  'POST /transcription/stream/{id}/stop': 'stream-stop',
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

/** Functions that nobody outside can call. */
const inner = ['catchup-fetch', 'catchup-worker', 'sweep', 'reconcile']
const scheduled = ['reconcile', 'sweep']

test('there is a function for each route, the inner ones, and no other', () => {
  expect([...functions.keys()].sort()).toEqual([...Object.values(routes), ...inner].sort())
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

  test('and the schedule are the only services that may invoke a function; none may invoke a worker', () => {
    const permissionSchema = z.object({
      Principal: z.string(),
      Action: z.string(),
      FunctionName: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
      SourceArn: z.unknown(),
    })
    const permissions = [...resourcesOf(template, 'AWS::Lambda::Permission', permissionSchema).values()]
    const invokedBy = (principal: string) =>
      permissions
        .filter(({ Principal }) => Principal === principal)
        .map(permission => nameOf.get(permission.FunctionName['Fn::GetAtt'][0]))
        .sort()
    expect(invokedBy('apigateway.amazonaws.com')).toEqual(Object.values(routes).sort())
    expect(invokedBy('events.amazonaws.com')).toEqual(scheduled)
    expect(permissions).toHaveLength(Object.values(routes).length + scheduled.length)
    expect(permissions.every(({ SourceArn }) => SourceArn !== undefined)).toBe(true)
  })
})

const targetSchema = z.object({ Arn: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) })
const ruleSchema = z.object({
  ScheduleExpression: z.string(),
  State: z.string(),
  Targets: z.tuple([targetSchema]),
})

const scheduleOf = (name: string) => {
  const { logicalId } = functions.get(name) ?? {}
  const rules = [...resourcesOf(template, 'AWS::Events::Rule', ruleSchema).values()]
  const [rule] = rules.filter(({ Targets: [{ Arn }] }) => Arn['Fn::GetAtt'][0] === logicalId)
  return rule && { ScheduleExpression: rule.ScheduleExpression, State: rule.State }
}

test('the ledger is proved every night, in all the time that a function can have', () => {
  expect(scheduleOf('reconcile')).toEqual({ ScheduleExpression: 'cron(30 3 * * ? *)', State: 'ENABLED' })
  expect(functions.get('reconcile')?.properties.Timeout).toBe(900)
})

test('the sweep is run every five minutes, and ends before the next run', () => {
  expect(scheduleOf('sweep')).toEqual({ ScheduleExpression: 'rate(5 minutes)', State: 'ENABLED' })
  expect(functions.get('sweep')?.properties.Timeout).toBeLessThan(300)
})

describe('functions that are invoked without waiting', () => {
  const invokeSchema = z.object({
    FunctionName: z.object({ Ref: z.string() }),
    MaximumEventAgeInSeconds: z.int().optional(),
    MaximumRetryAttempts: z.int(),
    DestinationConfig: z.unknown(),
  })
  const configs = [...resourcesOf(template, 'AWS::Lambda::EventInvokeConfig', invokeSchema).values()]

  const configOf = (name: string) => {
    const { logicalId } = functions.get(name) ?? {}
    return configs.find(({ FunctionName }) => FunctionName.Ref === logicalId)
  }

  test.each([
    ['catchup-fetch', fetchRunMs],
    ['catchup-worker', workerRunMs],
  ])('%s has the time that the holds reckon with, and is tried three times', (name, runMs) => {
    expect(functions.get(name)?.properties.Timeout).toBe(runMs / 1_000)
    expect(configOf(name)).toMatchObject({
      MaximumEventAgeInSeconds: eventAgeMs(runMs) / 1_000,
      MaximumRetryAttempts: 2,
    })
  })

  test.each([
    ['catchup-fetch', channelHoldMs - lifeAfterFetchMs],
    ['catchup-worker', transcriptHoldMs],
    ['catchup-worker', lifeAfterFetchMs],
  ])(
    '%s has ended before it is given up, also where its last run began as late as it may',
    (name, givenMs) => {
      const { MaximumEventAgeInSeconds = 0 } = configOf(name) ?? {}
      const timeoutSeconds = functions.get(name)?.properties.Timeout ?? 0
      expect(MaximumEventAgeInSeconds).toBeGreaterThan(0)
      expect(givenMs / 1_000).toBeGreaterThan(MaximumEventAgeInSeconds + timeoutSeconds)
    },
  )

  test.each(scheduled)('%s is not tried again: its next run comes anyway', name => {
    expect(configOf(name)?.MaximumRetryAttempts).toBe(0)
  })

  test.each(inner)('what %s failed at for good is kept in the queue of dead letters', name => {
    expect(configOf(name)?.DestinationConfig).toEqual({
      OnFailure: { Destination: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } },
    })
    expect(configs).toHaveLength(inner.length)
  })

  test('dead letters are kept as long as can be, encrypted', () => {
    const queues = resourcesOf(template, 'AWS::SQS::Queue', z.record(z.string(), z.unknown()))
    expect([...queues.keys()]).toEqual(['DeadLetters'])
    expect(queues.get('DeadLetters')).toMatchObject({
      MessageRetentionPeriod: 14 * 24 * 3_600,
      SqsManagedSseEnabled: true,
    })
  })

  test.each([
    ['CATCHUP_FETCH_FUNCTION', 'catchup-fetch'],
    ['CATCHUP_WORKER_FUNCTION', 'catchup-worker'],
  ])('%s is the name of the function that is started', (variable, name) => {
    const starter = functions.get('catchup-create')
    expect(starter?.properties.Environment.Variables[variable]).toBe(
      functions.get(name)?.properties.FunctionName,
    )
  })
})
