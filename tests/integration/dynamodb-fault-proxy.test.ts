import {
  CreateTableCommand,
  DynamoDBClient,
  InternalServerError,
  ProvisionedThroughputExceededException,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb'
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type DynamoDbLocal, startDynamoDbLocal } from '../../local/dynamodb.ts'
import {
  decide,
  type FaultProxy,
  type FaultRates,
  noFaults,
  seededRandom,
  startFaultProxy,
} from '../support/dynamodb-fault-proxy.ts'

const TableName = 'Counters'
const mixedRates: FaultRates = {
  dropRequest: 0.1,
  dropAnswer: 0.1,
  delay: 0.1,
  internalError: 0.1,
  throttle: 0.1,
  transactionConflict: 0.2,
}

let dynamoDb: DynamoDbLocal
let direct: DynamoDBDocumentClient
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  dynamoDb = await startDynamoDbLocal()
  direct = connect(dynamoDb.endpoint, 3)
  await direct.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  )
}, 60_000)

afterAll(async () => {
  direct.destroy()
  await dynamoDb.close()
})

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

function connect(endpoint: string, maxAttempts: number): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts,
  })
  return DynamoDBDocumentClient.from(client)
}

async function through(
  rates: Partial<FaultRates>,
  options: { maxAttempts?: number; seed?: number } = {},
): Promise<{ proxy: FaultProxy; client: DynamoDBDocumentClient }> {
  const proxy = await startFaultProxy({
    target: dynamoDb.endpoint,
    seed: options.seed ?? 1,
    rates: { ...noFaults, ...rates },
    maxDelayMs: 20,
  })
  const client = connect(proxy.url, options.maxAttempts ?? 1)
  opened.push({ close: async () => client.destroy() }, proxy)
  return { proxy, client }
}

function add(id: string): UpdateCommand {
  return new UpdateCommand({
    TableName,
    Key: { id },
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': 1 },
    ReturnValues: 'ALL_NEW',
  })
}

async function countOf(id: string): Promise<unknown> {
  const { Item } = await direct.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }))
  return Item?.n
}

function transaction(ids: string[]): TransactWriteCommand {
  return new TransactWriteCommand({
    TransactItems: ids.map(id => ({ Put: { TableName, Item: { id, n: 1 } } })),
  })
}

/** The name of the error that a promise was rejected with; `none` when it was kept. */
async function errorNameOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  )
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('without faults', () => {
  test('reads, writes, errors and large items pass unchanged', async () => {
    const { proxy, client } = await through({})
    const big = { id: 'big', text: 'ü'.repeat(150_000) }
    await client.send(new PutCommand({ TableName, Item: big }))
    const key = { TableName, Key: { id: 'big' } }
    const proxied = await client.send(new GetCommand(key))
    expect(proxied.Item).toEqual(big)
    const conditional = new PutCommand({
      TableName,
      Item: big,
      ConditionExpression: 'attribute_not_exists(id)',
    })
    expect(await errorNameOf(client.send(conditional))).toBe('ConditionalCheckFailedException')
    expect(proxy.counts()).toEqual({ requests: 3, none: 3, ...noFaults, targetLost: 0 })
  })

  test('two hundred parallel updates of one item all take effect once', async () => {
    const { proxy, client } = await through({})
    await Promise.all(Array.from({ length: 200 }, () => client.send(add('parallel'))))
    expect(await countOf('parallel')).toBe(200)
    expect(proxy.counts()).toMatchObject({ requests: 200, none: 200 })
  })
})

describe('a dropped request', () => {
  test('is a lost connection to the SDK, and had no effect', async () => {
    const { client } = await through({ dropRequest: 1 })
    const error = await errorOf(client.send(add('dropped-request')))
    expect(error).toMatchObject({ name: 'TimeoutError', code: 'ECONNRESET', message: 'socket hang up' })
    expect(await countOf('dropped-request')).toBeUndefined()
  })

  test('is sent again by the SDK as often as it may', async () => {
    const { proxy, client } = await through({ dropRequest: 1 }, { maxAttempts: 3 })
    const error = await errorOf(client.send(add('dropped-thrice')))
    expect(error).toMatchObject({ name: 'TimeoutError', $metadata: { attempts: 3 } })
    expect(proxy.counts()).toMatchObject({ requests: 3, dropRequest: 3 })
  })
})

describe('a dropped answer', () => {
  test('is a lost connection to the SDK, and the write took effect', async () => {
    const { client } = await through({ dropAnswer: 1 })
    const error = await errorOf(client.send(add('dropped-answer')))
    expect(error).toMatchObject({ name: 'TimeoutError', code: 'ECONNRESET', message: 'socket hang up' })
    expect(await countOf('dropped-answer')).toBe(1)
  })

  test('makes the SDK repeat a write that took effect', async () => {
    const { client } = await through({ dropAnswer: 1 }, { maxAttempts: 3 })
    expect(await errorNameOf(client.send(add('dropped-answers')))).toBe('TimeoutError')
    expect(await countOf('dropped-answers')).toBe(3)
  })

  test('of a transaction leaves it in effect, and its token makes the repeat harmless', async () => {
    const { proxy, client } = await through({ dropAnswer: 1 })
    const write = (): TransactWriteCommand =>
      new TransactWriteCommand({
        ClientRequestToken: 'one-and-the-same',
        TransactItems: [
          {
            Update: {
              TableName,
              Key: { id: 'transacted' },
              UpdateExpression: 'ADD n :one',
              ExpressionAttributeValues: { ':one': 1 },
            },
          },
        ],
      })
    expect(await errorNameOf(client.send(write()))).toBe('TimeoutError')
    proxy.setRates(noFaults)
    await client.send(write())
    expect(await countOf('transacted')).toBe(1)
  })
})

describe('an error of the service', () => {
  test('is an InternalServerError with status 500, without effect', async () => {
    const { client } = await through({ internalError: 1 })
    const error = await errorOf(client.send(add('internal')))
    expect(error).toBeInstanceOf(InternalServerError)
    expect(error).toMatchObject({
      message: 'Internal server error',
      $metadata: { httpStatusCode: 500, attempts: 1 },
    })
    expect(await countOf('internal')).toBeUndefined()
  })

  test('is a throttling error of either kind with status 400, without effect', async () => {
    const { client } = await through({ throttle: 1 })
    const errors: unknown[] = []
    for (let n = 0; n < 12; n += 1) errors.push(await errorOf(client.send(add('throttled'))))
    const isThrottling = (error: unknown): boolean =>
      error instanceof ProvisionedThroughputExceededException || error instanceof ThrottlingException
    expect(errors.every(isThrottling)).toBe(true)
    expect(errors).toContainEqual(expect.any(ProvisionedThroughputExceededException))
    expect(errors).toContainEqual(expect.any(ThrottlingException))
    expect(errors[0]).toMatchObject({
      message: expect.stringMatching(/throughput/),
      $metadata: { httpStatusCode: 400 },
    })
    expect(await countOf('throttled')).toBeUndefined()
  })

  test.each(['internalError', 'throttle', 'dropRequest'] as const)(
    'such as %s is overcome by the retries of the SDK alone, once it stops',
    async fault => {
      const { proxy, client } = await through({ [fault]: 1 }, { maxAttempts: 20 })
      const sent = client.send(add(`retried-${fault}`))
      await expect.poll(() => proxy.counts()[fault], { interval: 1 }).toBeGreaterThan(0)
      proxy.setRates(noFaults)
      const { $metadata } = await sent
      const counts = proxy.counts()
      expect($metadata.attempts).toBe(counts[fault] + 1)
      expect(counts.requests).toBe(counts[fault] + 1)
      expect(await countOf(`retried-${fault}`)).toBe(1)
    },
  )
})

describe('a transaction conflict', () => {
  const ids = ['c1', 'c2', 'c3', 'c4', 'c5']
  const id = 'conflict'

  test('cancels a transaction with a reason for each item, without effect and without a retry', async () => {
    const { proxy, client } = await through({ transactionConflict: 1 }, { maxAttempts: 3 })
    const error = await errorOf(client.send(transaction(ids)))
    expect(error).toBeInstanceOf(TransactionCanceledException)
    const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : []
    const codes = reasons.map(reason => reason.Code)
    expect(codes).toHaveLength(ids.length)
    expect(codes).toContain('TransactionConflict')
    expect(codes.every(code => code === 'TransactionConflict' || code === 'None')).toBe(true)
    expect(error).toMatchObject({
      message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`,
      $metadata: { httpStatusCode: 400, attempts: 1 },
    })
    expect(proxy.counts()).toMatchObject({ requests: 1, transactionConflict: 1 })
    for (const id of ids) expect(await countOf(id)).toBeUndefined()
  })

  test.each([
    [
      'PutItem',
      (client: DynamoDBDocumentClient) => client.send(new PutCommand({ TableName, Item: { id, n: 1 } })),
    ],
    ['UpdateItem', (client: DynamoDBDocumentClient) => client.send(add(id))],
    [
      'DeleteItem',
      (client: DynamoDBDocumentClient) => client.send(new DeleteCommand({ TableName, Key: { id } })),
    ],
  ])('refuses %s with a TransactionConflictException, without effect', async (_name, write) => {
    await direct.send(new PutCommand({ TableName, Item: { id, n: 7 } }))
    const { client } = await through({ transactionConflict: 1 })
    const error = await errorOf(write(client))
    expect(error).toBeInstanceOf(TransactionConflictException)
    expect(error).toMatchObject({ $metadata: { httpStatusCode: 400 } })
    expect(await countOf(id)).toBe(7)
  })

  test('never meets what only reads', async () => {
    const { proxy, client } = await through({ transactionConflict: 1 })
    const key = { id: 'read' }
    await client.send(new GetCommand({ TableName, Key: key }))
    await client.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [key] } } }))
    await client.send(new ScanCommand({ TableName, Limit: 1 }))
    await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': 'read' },
      }),
    )
    expect(proxy.counts()).toMatchObject({ requests: 4, none: 4, transactionConflict: 0 })
  })
})

describe('a delay', () => {
  test('passes the request on all the same', async () => {
    const { proxy, client } = await through({ delay: 1 })
    await Promise.all(Array.from({ length: 20 }, () => client.send(add('delayed'))))
    expect(await countOf('delayed')).toBe(20)
    expect(proxy.counts()).toMatchObject({ requests: 20, delay: 20 })
  })

  test('ends with the proxy: what has not been passed on never is', async () => {
    const proxy = await startFaultProxy({
      target: dynamoDb.endpoint,
      seed: 1,
      rates: { ...noFaults, delay: 1 },
      maxDelayMs: 3_600_000,
    })
    const client = connect(proxy.url, 1)
    const ending = errorNameOf(client.send(add('late')))
    await expect.poll(() => proxy.counts().delay).toBe(1)
    await proxy.close()
    expect(await ending).toBe('TimeoutError')
    expect(await countOf('late')).toBeUndefined()
    client.destroy()
  })
})

describe('the seed', () => {
  async function outcomes(seed: number): Promise<string[]> {
    const { client } = await through(mixedRates, { seed })
    const names: string[] = []
    for (let n = 0; n < 30; n += 1) {
      names.push(await errorNameOf(client.send(add(`seed-${seed}`))))
      names.push(await errorNameOf(client.send(transaction(['s1', 's2', 's3']))))
    }
    return names
  }

  test('decides: the same one gives the SDK the same outcomes, another one gives others', async () => {
    const first = await outcomes(7)
    expect(await outcomes(7)).toEqual(first)
    expect(await outcomes(8)).not.toEqual(first)
    expect(new Set(first)).toEqual(
      new Set([
        'none',
        'TimeoutError',
        'InternalServerError',
        'ProvisionedThroughputExceededException',
        'ThrottlingException',
        'TransactionConflictException',
        'TransactionCanceledException',
      ]),
    )
  })

  test('gives the n-th request its decision whatever the others were', () => {
    const operation = fc.constantFrom('GetItem', 'UpdateItem', 'TransactWriteItems')
    const request = fc.record({ operation, itemCount: fc.integer({ min: 1, max: 5 }) })
    fc.assert(
      fc.property(fc.integer(), fc.array(request), fc.array(request), request, (seed, some, others, last) => {
        const otherRequests = some.map((one, index) => others[index] ?? one)
        const decideLast = (before: typeof some) => {
          const random = seededRandom(seed)
          for (const one of before) decide(random, one, mixedRates, 50)
          return decide(random, last, mixedRates, 50)
        }
        expect(decideLast(some)).toEqual(decideLast(otherRequests))
      }),
    )
  })

  test('spreads the faults as the rates say', () => {
    const random = seededRandom(3)
    const tally = new Map<string, number>()
    const draws = 20_000
    for (let n = 0; n < draws; n += 1) {
      const { fault } = decide(random, { operation: 'TransactWriteItems', itemCount: 3 }, mixedRates, 50)
      tally.set(fault, (tally.get(fault) ?? 0) + 1)
    }
    for (const [fault, rate] of Object.entries(mixedRates)) {
      expect((tally.get(fault) ?? 0) / draws, fault).toBeCloseTo(rate, 1.5)
    }
  })

  test('draws delays from one millisecond to the longest', () => {
    const random = seededRandom(4)
    const delays = Array.from({ length: 500 }, () => {
      const decision = decide(random, { operation: 'GetItem', itemCount: 0 }, { ...noFaults, delay: 1 }, 10)
      return decision.fault === 'delay' ? decision.delayMs : Number.NaN
    })
    expect(Math.min(...delays)).toBe(1)
    expect(Math.max(...delays)).toBe(10)
  })
})

test.each([
  { dropRequest: -0.1 },
  { delay: 1.1 },
  { throttle: 0.6, internalError: 0.6 },
  { delay: Number.NaN },
])('the rates %j are refused', async rates => {
  await expect(through(rates)).rejects.toBeInstanceOf(RangeError)
  const { proxy } = await through({})
  expect(() => proxy.setRates({ ...noFaults, ...rates })).toThrow(RangeError)
})

test('a target that is down is a lost connection, and is counted', async () => {
  const proxy = await startFaultProxy({
    target: 'http://127.0.0.1:1',
    seed: 1,
    rates: noFaults,
    maxDelayMs: 1,
  })
  const client = connect(proxy.url, 1)
  opened.push({ close: async () => client.destroy() }, proxy)
  expect(await errorNameOf(client.send(add('lost')))).toBe('TimeoutError')
  expect(proxy.counts()).toMatchObject({ requests: 1, none: 1, targetLost: 1 })
})
