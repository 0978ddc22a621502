import { startDynamoDbLocal } from '../../local/dynamodb.ts'
import { createTables, readTables } from '../../local/tables.ts'

export const endpointVariable = 'TEST_DYNAMODB_ENDPOINT'
export const testStage = 'test'

/** Starts one DynamoDB Local for every suite of this run, with the tables of serverless.yml. */
export default async (): Promise<(() => Promise<void>) | undefined> => {
  if (process.env[endpointVariable]) return undefined
  const [engine, tables] = await Promise.all([startDynamoDbLocal(), readTables(testStage)])
  await createTables(engine.endpoint, tables)
  process.env[endpointVariable] = engine.endpoint
  return async () => {
    delete process.env[endpointVariable]
    await engine.close()
  }
}
