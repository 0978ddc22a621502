import { randomUUID } from 'node:crypto'
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { mersenne } from 'pure-rand/generator/mersenne'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import * as z from 'zod'

/** How likely each fault is for a request, 0 to 1 each and 1 at most together; the rest is passed on untouched. */
export interface FaultRates {
  /** The socket closes and the request never reaches DynamoDB. */
  dropRequest: number
  /** The request takes effect, then the socket closes without its answer. */
  dropAnswer: number
  /** The request is passed on late, by up to `maxDelayMs`. */
  delay: number
  /** 500 `InternalServerError`, without effect. */
  internalError: number
  /** 400 `ProvisionedThroughputExceededException` or `ThrottlingException`, without effect. */
  throttle: number
  /** 400 for a write that meets a transaction, without effect. What only reads never gets it. */
  transactionConflict: number
}

/** What happens to one request. */
export type Decision =
  | { fault: 'none' | 'dropRequest' | 'dropAnswer' }
  | { fault: 'internalError' }
  | { fault: 'delay'; delayMs: number }
  | { fault: 'throttle'; errorName: 'ProvisionedThroughputExceededException' | 'ThrottlingException' }
  /** Which of the request's items met another transaction; at least one. */
  | { fault: 'transactionConflict'; conflicts: boolean[] }

/** How many requests came, and what became of them. */
type FaultCounts = Record<keyof FaultRates | 'none' | 'requests', number> & {
  /** Requests that the target itself didn't answer: it is down, or it closed the connection. */
  targetLost: number
}

export interface FaultProxy {
  /** For the SDK's `endpoint`. */
  url: string
  /** The counts so far. */
  counts(): FaultCounts
  /** Holds for the requests that come from now on. The seeded sequence goes on where it is. */
  setRates(rates: FaultRates): void
  /** Closes every connection; what is being delayed is never passed on. */
  close(): Promise<void>
}

export const noFaults: FaultRates = {
  dropRequest: 0,
  dropAnswer: 0,
  delay: 0,
  internalError: 0,
  throttle: 0,
  transactionConflict: 0,
}

/** The order in which the faults share out the unit interval; a sequence of decisions hangs on it. */
const faultNames = [
  'dropRequest',
  'dropAnswer',
  'delay',
  'internalError',
  'throttle',
  'transactionConflict',
] as const satisfies (keyof FaultRates)[]

const singleWrites = new Set(['PutItem', 'UpdateItem', 'DeleteItem'])

/** A generator of which the same seed gives the same sequence. */
export function seededRandom(seed: number): RandomGenerator {
  return mersenne(seed)
}

/**
 * Draws what happens to a request. It always takes the same number of values from `random`, so the decision for the
 * n-th request doesn't hang on what the ones before it were.
 *
 * @param request the DynamoDB operation's name and, of `TransactWriteItems`, how many items it has
 * @param maxDelayMs the longest delay, in milliseconds
 */
export function decide(
  random: RandomGenerator,
  request: { operation: string; itemCount: number },
  rates: FaultRates,
  maxDelayMs: number,
): Decision {
  const fault = faultAt(uniformFloat64(random), rates)
  const detailsSeed = uniformInt(random, 0, 0x7fff_ffff)
  switch (fault) {
    case 'delay':
      return { fault, delayMs: uniformInt(seededRandom(detailsSeed), 1, Math.max(1, maxDelayMs)) }
    case 'throttle':
      return {
        fault,
        errorName: detailsSeed % 2 === 0 ? 'ProvisionedThroughputExceededException' : 'ThrottlingException',
      }
    case 'transactionConflict':
      return conflictOf(seededRandom(detailsSeed), request)
    default:
      return { fault }
  }
}

/** The fault in whose part of the unit interval the draw falls. */
function faultAt(draw: number, rates: FaultRates): keyof FaultRates | 'none' {
  let end = 0
  for (const fault of faultNames) {
    end += rates[fault]
    if (draw < end) return fault
  }
  return 'none'
}

function conflictOf(random: RandomGenerator, request: { operation: string; itemCount: number }): Decision {
  if (singleWrites.has(request.operation)) return { fault: 'transactionConflict', conflicts: [true] }
  if (request.operation !== 'TransactWriteItems' || request.itemCount === 0) return { fault: 'none' }
  const certain = uniformInt(random, 0, request.itemCount - 1)
  const conflicts = Array.from({ length: request.itemCount }, (_, index) => {
    const isDrawn = uniformInt(random, 0, 1) === 1
    return isDrawn || index === certain
  })
  return { fault: 'transactionConflict', conflicts }
}

/**
 * Starts a proxy between the AWS SDK and DynamoDB Local that injects the faults of a network and of the real service,
 * among them `TransactionConflict`, which DynamoDB Local never raises. The n-th request to arrive gets the n-th
 * decision of the seeded sequence. It listens on the loopback interface only.
 *
 * @param options.target DynamoDB Local's endpoint, `http://127.0.0.1:<port>`
 * @throws {RangeError} when a rate is outside of 0 to 1, or all together are above 1
 */
export async function startFaultProxy(options: {
  target: string
  seed: number
  rates: FaultRates
  maxDelayMs: number
}): Promise<FaultProxy> {
  assertRates(options.rates)
  let rates = options.rates
  const target = new URL(options.target)
  // Idle connections are dropped here first, so that none is taken up again just as the target closes it.
  const agent = new Agent({ keepAlive: true, timeout: 4_000 })
  const random = seededRandom(options.seed)
  const counts: FaultCounts = { requests: 0, none: 0, ...noFaults, targetLost: 0 }
  const closing = new AbortController()

  const pass = async (request: IncomingMessage, body: Buffer): Promise<Answer> => {
    try {
      return await forward(agent, target, request, body)
    } catch (error) {
      counts.targetLost += 1
      throw error
    }
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request)
    const operation = operationOf(request)
    const decision = decide(
      random,
      { operation, itemCount: itemCountOf(operation, body) },
      rates,
      options.maxDelayMs,
    )
    counts.requests += 1
    counts[decision.fault] += 1
    switch (decision.fault) {
      case 'dropRequest':
        request.socket.destroy()
        return
      case 'dropAnswer':
        await pass(request, body)
        request.socket.destroy()
        return
      case 'internalError':
      case 'throttle':
      case 'transactionConflict':
        send(response, errorAnswer(decision, operation))
        return
      case 'delay':
        await sleep(decision.delayMs, undefined, { signal: closing.signal })
    }
    send(response, await pass(request, body))
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy())
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })

  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    counts: () => ({ ...counts }),
    setRates: newRates => {
      assertRates(newRates)
      rates = newRates
    },
    close: async () => {
      closing.abort()
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
      agent.destroy()
    },
  }
}

function assertRates(rates: FaultRates): void {
  const values = Object.values(rates)
  const sum = values.reduce((total, rate) => total + rate, 0)
  const isEachInRange = values.every(rate => rate >= 0 && rate <= 1)
  if (!isEachInRange || sum > 1 + Number.EPSILON * values.length) {
    throw new RangeError(`Fault rates go from 0 to 1, and to 1 at most together: ${JSON.stringify(rates)}`)
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The proxy has no TCP port.')
  return address.port
}

/** `DynamoDB_20120810.PutItem` → `PutItem`. */
function operationOf(request: IncomingMessage): string {
  return String(request.headers['x-amz-target'] ?? '').replace(/^.*\./, '')
}

function itemCountOf(operation: string, body: Buffer): number {
  if (operation !== 'TransactWriteItems') return 0
  return TransactWriteItemsInput.parse(JSON.parse(body.toString())).TransactItems.length
}

const TransactWriteItemsInput = z.object({ TransactItems: z.array(z.unknown()) })

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** Headers that are about one connection only (RFC 9110, 7.6.1), and the length, which is set anew. */
const connectionHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length'])

function withoutConnectionHeaders(headers: Answer['headers']): Answer['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !connectionHeaders.has(name)))
}

function forward(agent: Agent, target: URL, request: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onward = httpRequest(
      {
        agent,
        host: target.hostname,
        port: target.port,
        method: request.method,
        path: request.url,
        headers: { ...withoutConnectionHeaders(request.headers), 'content-length': body.length },
      },
      answer => {
        buffer(answer).then(
          content => resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: content }),
          reject,
        )
      },
    )
    onward.once('error', reject)
    onward.end(body)
  })
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    ...withoutConnectionHeaders(answer.headers),
    'content-length': answer.body.length,
  })
  response.end(answer.body)
}

type AnsweredDecision = Extract<Decision, { fault: 'internalError' | 'throttle' | 'transactionConflict' }>

/** An error as the service words it, in AWS JSON 1.0. It leaves out `x-amz-crc32`, which is optional. */
function errorAnswer(decision: AnsweredDecision, operation: string): Answer {
  const { status, ...body } = errorOf(decision, operation)
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() },
    body: Buffer.from(JSON.stringify(body)),
  }
}

/** The HTTP status, and the members of the body. */
interface ServiceError {
  status: number
  __type: string
  message?: string
  /** Only a cancelled transaction's message is written with a capital. */
  Message?: string
  CancellationReasons?: { Code: string; Message?: string }[]
}

const dynamoDb = 'com.amazonaws.dynamodb.v20120810#'

function errorOf(decision: AnsweredDecision, operation: string): ServiceError {
  if (decision.fault === 'internalError') {
    return { status: 500, __type: `${dynamoDb}InternalServerError`, message: 'Internal server error' }
  }
  if (decision.fault === 'throttle') return throttlingErrors[decision.errorName]
  if (operation !== 'TransactWriteItems') {
    return {
      status: 400,
      __type: `${dynamoDb}TransactionConflictException`,
      message: 'Transaction is ongoing for the item',
    }
  }
  const reasons = decision.conflicts.map(isConflict =>
    isConflict
      ? { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
      : { Code: 'None' },
  )
  const codes = reasons.map(reason => reason.Code).join(', ')
  return {
    status: 400,
    __type: `${dynamoDb}TransactionCanceledException`,
    Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    CancellationReasons: reasons,
  }
}

const throttlingErrors = {
  ProvisionedThroughputExceededException: {
    status: 400,
    __type: `${dynamoDb}ProvisionedThroughputExceededException`,
    message:
      'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  },
  ThrottlingException: {
    status: 400,
    __type: 'com.amazon.coral.availability#ThrottlingException',
    message: 'Rate of requests exceeds the allowed throughput.',
  },
}
