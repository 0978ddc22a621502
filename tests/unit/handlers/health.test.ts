import { expect, test } from 'vitest'
import { healthResponseSchema } from '../../../src/contracts/health.ts'
import { createHandler, type HealthDependencies } from '../../../src/handlers/health.ts'
import { answerOf } from '../support/answers.ts'
import { call } from '../support/api-event.ts'
import { createApi } from '../support/test-api.ts'

const check = async (over: Partial<HealthDependencies>, status: number) =>
  answerOf(
    await call(
      createHandler({
        http: createApi().http,
        database: { isReachable: async () => true },
        version: '1.2.3',
        problems: [],
        ...over,
      }),
    ),
    status,
    healthResponseSchema,
  )

test('all well is 200, and says so', async () => {
  expect(await check({}, 200)).toEqual({
    status: 'healthy',
    dynamodb: 'connected',
    environment: 'configured',
    version: '1.2.3',
  })
})

test('tables that do not answer are 503', async () => {
  expect(await check({ database: { isReachable: async () => false } }, 503)).toMatchObject({
    status: 'unhealthy',
    dynamodb: 'unreachable',
    environment: 'configured',
  })
})

test('an environment that lacks something is 503, and says what by name', async () => {
  expect(await check({ problems: ['OPENAI_API_KEY is missing'] }, 503)).toEqual({
    status: 'unhealthy',
    dynamodb: 'connected',
    environment: 'incomplete',
    version: '1.2.3',
    problems: ['OPENAI_API_KEY is missing'],
  })
})

test('an environment that does not say where the tables are is told too', async () => {
  expect(
    await check({ database: undefined, problems: ['USERS_TABLE is missing'], version: 'unknown' }, 503),
  ).toMatchObject({ dynamodb: 'unreachable', environment: 'incomplete' })
})
