import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AwsStandInOptions } from '../../local/stand-ins/aws/plugin.ts'
import { type AwsUnderTest, clientOptions, startAws } from '../support/aws-stand-in.ts'
import { answer, drop, hang, inTurn, type RouteServer, startRouteServer } from '../support/route-server.ts'

const workerPath = '/2015-03-31/functions/worker/invocations'
const hastyPath = '/2015-03-31/functions/hasty/invocations'
/** As serverless-offline tells of a function that threw. */
const told = {
  errorMessage: 'No luck.',
  errorType: 'Error',
  trace: ['RangeError: No luck.', '    at x.mjs:1'],
}
/** As Lambda tells of it. */
const thrown = { ...told, errorType: 'RangeError' }
const throws = answer(told, 200, { 'X-Amz-Function-Error': 'Unhandled' })
const succeeds = answer({ done: true })

let functions: RouteServer
let aws: AwsUnderTest

const restart = async (options: Partial<AwsStandInOptions> = {}): Promise<void> => {
  await aws.close()
  aws = await startAws({ lambdaUrl: functions.url, ...options })
}

beforeEach(async () => {
  functions = await startRouteServer()
  aws = await startAws({ lambdaUrl: functions.url })
})
afterEach(async () => {
  await aws.close()
  await functions.close()
})

const invoke = (type: 'Event' | 'RequestResponse' | 'DryRun', payload: string, functionName = 'worker') =>
  aws.lambda.send(
    new InvokeCommand({ FunctionName: functionName, InvocationType: type, Payload: Buffer.from(payload) }),
  )

const textOf = (payload: Uint8Array | undefined): string => Buffer.from(payload ?? []).toString()

/** The request ids under which the functions ran. */
const requestIds = (): unknown[] =>
  functions.received.map(({ headers }) => {
    const context = Buffer.from(String(headers['x-amz-client-context']), 'base64').toString()
    return JSON.parse(context).localRequestId
  })

const nextDeadLetter = async (): Promise<unknown> => {
  const { Messages = [] } = await aws.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: aws.queueUrl, WaitTimeSeconds: 10 }),
  )
  return JSON.parse(Messages[0]?.Body ?? 'null')
}

const deadLetters = async (): Promise<string | undefined> => {
  const { Attributes } = await aws.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: aws.queueUrl,
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  )
  return Attributes?.ApproximateNumberOfMessages
}

const untilRuns = async (count: number): Promise<void> => {
  const deadline = Date.now() + 10_000
  while (functions.received.length < count && Date.now() < deadline) await sleep(10)
  expect(functions.received.length).toBe(count)
}

describe('a synchronous invocation', () => {
  it('gets what the function answers', async () => {
    functions.routes[workerPath] = succeeds
    const { StatusCode, FunctionError, Payload, ExecutedVersion } = await invoke('RequestResponse', '{"a":1}')
    expect(StatusCode).toBe(200)
    expect(FunctionError).toBeUndefined()
    expect(ExecutedVersion).toBe('$LATEST')
    expect(textOf(Payload)).toBe('{"done":true}')
    expect(functions.received[0]?.body).toBe('{"a":1}')
  })

  it('is told when the function threw, and does not run it again', async () => {
    functions.routes[workerPath] = throws
    const { StatusCode, FunctionError, Payload } = await invoke('RequestResponse', '{}')
    expect([StatusCode, FunctionError]).toEqual([200, 'Unhandled'])
    expect(JSON.parse(textOf(Payload))).toEqual(thrown)
    expect(functions.received).toHaveLength(1)
  })

  it('is told when the backend is not there', async () => {
    functions.routes[workerPath] = drop
    await expect(invoke('RequestResponse', '{}')).rejects.toMatchObject({ name: 'ServiceException' })
  })
})

describe('an asynchronous invocation', () => {
  it('is taken before the function has run', async () => {
    functions.routes[workerPath] = hang
    const { StatusCode, Payload } = await invoke('Event', '{"a":1}')
    expect([StatusCode, textOf(Payload)]).toEqual([202, ''])
    await untilRuns(1)
    expect(functions.received[0]?.body).toBe('{"a":1}')
  })

  it('that failed is tried again under the same request id, until it goes well', async () => {
    functions.routes[workerPath] = inTurn(throws, throws, succeeds)
    const { $metadata } = await invoke('Event', '{}')
    await untilRuns(3)
    expect(requestIds()).toEqual(Array(3).fill($metadata.requestId))
    await sleep(100)
    expect(functions.received).toHaveLength(3)
    expect(await deadLetters()).toBe('0')
  })

  it('that failed three times becomes a dead letter as Lambda writes it', async () => {
    functions.routes[workerPath] = throws
    const { $metadata } = await invoke('Event', '{"a":1}')
    expect(await nextDeadLetter()).toEqual({
      version: '1.0',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      requestContext: {
        requestId: $metadata.requestId,
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:worker:$LATEST',
        condition: 'RetriesExhausted',
        approximateInvokeCount: 3,
      },
      requestPayload: { a: 1 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: thrown,
    })
    expect(functions.received).toHaveLength(3)
  })

  it('that has grown too old is not tried again', async () => {
    await restart({ retryDelaysMs: [100] })
    functions.routes[hastyPath] = throws
    await invoke('Event', '{}', 'hasty')
    expect(await nextDeadLetter()).toMatchObject({
      requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 1 },
    })
    expect(functions.received).toHaveLength(1)
  })

  it('that nobody took is tried again, and that does not count', async () => {
    functions.routes[workerPath] = inTurn(drop, throws, throws, throws)
    await invoke('Event', '{}')
    expect(await nextDeadLetter()).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    })
    expect(functions.received).toHaveLength(4)
  })

  it('survives a restart while it runs, with its request id', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'aws-'))
    await restart({ stateDir })
    functions.routes[workerPath] = hang
    const { $metadata } = await invoke('Event', '{"a":1}')
    await untilRuns(1)
    functions.routes[workerPath] = succeeds
    await restart({ stateDir })
    await untilRuns(2)
    expect(requestIds()).toEqual([$metadata.requestId, $metadata.requestId])
    expect(functions.received[1]?.body).toBe('{"a":1}')
    await aws.close()
    await rm(stateDir, { recursive: true })
    aws = await startAws()
  })
})

describe('an invocation is refused', () => {
  it.each(['Event', 'RequestResponse'] as const)('of a function that is not there (%s)', async type => {
    await expect(invoke(type, '{}', 'nobody')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody',
      $metadata: { httpStatusCode: 404 },
    })
  })

  it('whose payload is not JSON', async () => {
    await expect(invoke('Event', '{')).rejects.toMatchObject({ name: 'InvalidRequestContentException' })
  })

  it('when it is asynchronous and has more than a megabyte', async () => {
    const payload = JSON.stringify('x'.repeat(1024 * 1024))
    await expect(invoke('Event', payload)).rejects.toMatchObject({ name: 'RequestTooLargeException' })
    functions.routes[workerPath] = succeeds
    expect((await invoke('RequestResponse', payload)).StatusCode).toBe(200)
  })

  it('of somebody else', async () => {
    const stranger = new LambdaClient(clientOptions(`${aws.origin}/aws/lambda`, 'another-key'))
    const command = new InvokeCommand({ FunctionName: 'worker', InvocationType: 'Event' })
    await expect(stranger.send(command)).rejects.toMatchObject({ name: 'UnrecognizedClientException' })
  })
})

it('an invocation can be asked whether it would be taken', async () => {
  expect((await invoke('DryRun', '{}')).StatusCode).toBe(204)
  expect(functions.received).toEqual([])
})

it('the page tells of what runs, what ended and what is dead', async () => {
  functions.routes[workerPath] = throws
  await invoke('Event', '{"a":"<b>"}')
  await nextDeadLetter()
  functions.routes[workerPath] = hang
  await invoke('Event', '{}')
  const page = await (await fetch(`${aws.origin}/aws/`)).text()
  expect(page).toContain('worker: failed for good')
  expect(page).toContain('worker: RetriesExhausted')
  expect(page).toContain('&lt;b&gt;')
  expect(page).toMatch(/under way<\/h2><article><h3>worker/)
})
