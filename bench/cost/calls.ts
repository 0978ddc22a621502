import { compute, keyCacheMs, logs, monthMs, queueMs, waitsMs } from './assumptions.ts'
import type { Measured, MeasuredCall } from './measured.ts'
import { scaled } from './money.ts'

/** A kind of call that was measured, and how often it comes in a month. */
export interface MonthlyCall {
  readonly name: string
  readonly times: bigint
  /** Whether it comes through API Gateway. */
  readonly isRequest: boolean
  /** What it waits for beside what it asks for, in milliseconds: a channel's sound. */
  readonly extraWaitMs?: number
}

const measuredCall = ({ calls }: Measured, name: string): MeasuredCall => {
  const call = calls[name]
  if (!call) throw new Error(`The call ${name} was not measured.`)
  return call
}

const memoryOf = ({ functions }: Measured, name: string) => {
  const found = functions[name]
  if (!found) throw new Error(`The function ${name} was not measured.`)
  return found
}

/** CPU time here in milliseconds of a function with so much memory in Lambda. */
export const lambdaCpuMs = (cpuUs: number, memoryMb: number): number => {
  const share = Math.min(1, memoryMb / compute.vCpuMemoryMb)
  return ((cpuUs / 1_000) * compute.slowerPercent) / 100 / share
}

const waitMs = (call: MeasuredCall): number => {
  const asked = Object.entries(call.asked).reduce((sum, [what, times]) => {
    const each = waitsMs[what]
    if (each === undefined) throw new Error(`Nothing is assumed about how long ${what} takes.`)
    return sum + each * times
  }, 0)
  const { dynamodb_read = 0, dynamodb_write = 0, dynamodb_transaction = 0 } = waitsMs
  const database =
    dynamodb_read * call.reads + dynamodb_write * call.writes + dynamodb_transaction * call.transactions
  return (asked + database) / call.samples
}

/** What a call is billed for in an environment that is warm, in whole milliseconds. */
export const warmMs = (measured: Measured, { name, extraWaitMs = 0 }: MonthlyCall): number => {
  const call = measuredCall(measured, name)
  const { memory_mb } = memoryOf(measured, call.function)
  return Math.ceil(lambdaCpuMs(call.cpu_us / call.warm_samples, memory_mb) + waitMs(call) + extraWaitMs)
}

/** What a start adds to a call: Lambda's own, importing with a whole vCPU, and code that runs for the first time. */
export const coldMs = (measured: Measured, functionName: string): number => {
  const { memory_mb, import_cpu_us, first_call_cpu_us } = memoryOf(measured, functionName)
  return Math.ceil(
    compute.coldWaitMs +
      lambdaCpuMs(import_cpu_us, Math.max(memory_mb, compute.vCpuMemoryMb)) +
      lambdaCpuMs(first_call_cpu_us, memory_mb),
  )
}

/** Calls of a function that find no environment: those after a pause, were all spread evenly, and a few of the rest. */
export const coldStarts = (timesAMonth: bigint): bigint => {
  const afterPause = Math.exp((-Number(timesAMonth) * compute.keptWarmMs) / monthMs)
  const share = Math.min(1, afterPause + compute.coldPerThousand / 1_000)
  return BigInt(Math.ceil(Number(timesAMonth) * share))
}

/** START, END and REPORT, as Lambda writes them for each invocation, with their line ends. */
export const lambdaLines = [
  'START RequestId: 8f507cfc-9d2e-4c1a-a1b0-5a6a7d1d9c11 Version: $LATEST\n',
  'END RequestId: 8f507cfc-9d2e-4c1a-a1b0-5a6a7d1d9c11\n',
  'REPORT RequestId: 8f507cfc-9d2e-4c1a-a1b0-5a6a7d1d9c11\tDuration: 123.45 ms\tBilled Duration: 124 ms\t' +
    'Memory Size: 256 MB\tMax Memory Used: 110 MB\t\n',
]

const withOverhead = (bytes: number | bigint, lines: number | bigint): bigint =>
  BigInt(bytes) + BigInt(lines) * logs.bytesALine

/** What is kept of a log of so many bytes a month. */
export const keptLogBytes = (bytes: bigint): bigint => (bytes * logs.keptPercent + 99n) / 100n

/** What DynamoDB, Lambda and the logs have to do for all of a month's calls of one kind. */
export interface CallTotals {
  readonly name: string
  readonly times: bigint
  readonly writes: bigint
  readonly readHalfUnits: bigint
  readonly requests: bigint
  readonly computeMbMs: bigint
  readonly logBytes: bigint
  readonly answerBytes: bigint
  readonly vendorBytes: bigint
  readonly tokensIn: bigint
  readonly tokensOut: bigint
  readonly billedMs: number
}

/** @param accessLineBytes of the gateway's line for a request */
export const callTotals = (measured: Measured, call: MonthlyCall, accessLineBytes: number): CallTotals => {
  const { name, times, isRequest } = call
  const found = measuredCall(measured, name)
  const all = (total: number): bigint => scaled(total, found.samples, times)
  const billedMs = warmMs(measured, call)
  const { memory_mb } = memoryOf(measured, found.function)
  const ours = withOverhead(all(found.log_bytes), all(found.log_lines))
  const lambda = withOverhead(lambdaLines.join('').length, lambdaLines.length) * times
  const access = isRequest ? withOverhead(accessLineBytes, 1) * times : 0n
  return {
    name,
    times,
    writes: all(found.write_units),
    readHalfUnits: all(found.read_half_units),
    requests: isRequest ? times : 0n,
    computeMbMs: BigInt(billedMs) * BigInt(memory_mb) * times,
    logBytes: ours + lambda + access,
    answerBytes: isRequest ? all(found.answer_bytes) : 0n,
    vendorBytes: all(found.bytes_to_vendors),
    tokensIn: all(found.input_tokens),
    tokensOut: all(found.output_tokens),
    billedMs,
  }
}

/** How often the extension asks for a catch-up that takes so long in all. */
export const pollsOf = (durationMs: number, everyMs: number): bigint =>
  BigInt(Math.max(1, Math.ceil((durationMs + queueMs) / everyMs)))

/**
 * When DynamoDB asks KMS for a table's key again. AWS documents that it does so for a caller who has been idle for five
 * minutes; it keeps keys in many places, so it may ask more often: in each five minutes at most.
 */
export type KeyRule = 'once_idle' | 'each_five_minutes'

const windows = monthMs / keyCacheMs

/** Of calls that come at random. */
const keyRequestsOf: Readonly<Record<KeyRule, (times: number) => number>> = {
  once_idle: times => times * Math.exp(-times / windows),
  each_five_minutes: times => windows * (1 - Math.exp(-times / windows)),
}

/** How often a month's calls have DynamoDB ask for keys, for each function's role and table. */
export const keyRequests = (measured: Measured, calls: readonly MonthlyCall[], rule: KeyRule): bigint => {
  if (measured.standing.tables_with_keys_of_the_account === 0) return 0n
  const timesByPair = new Map<string, number>()
  for (const { name, times } of calls) {
    const found = measuredCall(measured, name)
    for (const table of found.tables) {
      const pair = `${found.function} ${table}`
      timesByPair.set(pair, (timesByPair.get(pair) ?? 0) + Number(times))
    }
  }
  const asked = [...timesByPair.values()].map(keyRequestsOf[rule])
  return BigInt(Math.ceil(asked.reduce((sum, one) => sum + one, 0)))
}

/** Of a schedule, which leaves its tables idle in between. */
export const scheduledKeyRequests = (measured: Measured, name: string, times: bigint): bigint =>
  measured.standing.tables_with_keys_of_the_account === 0
    ? 0n
    : times * BigInt(measuredCall(measured, name).tables.length)

/** Calls of each function together. */
export const timesByFunction = (
  measured: Measured,
  calls: readonly MonthlyCall[],
): ReadonlyMap<string, bigint> => {
  const times = new Map<string, bigint>()
  for (const call of calls) {
    const name = measuredCall(measured, call.name).function
    times.set(name, (times.get(name) ?? 0n) + call.times)
  }
  return times
}
