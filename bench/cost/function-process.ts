// Runs one function's bundle in a process of its own, as Lambda does, and tells what each call took. The clock is as
// far ahead as the call says, so that an hour of captions needs none.
import { randomUUID } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import type { FunctionAnswer, FunctionCall } from './functions.ts'

const [bundle = '', name = ''] = process.argv.slice(2)
const cpuUs = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since)
  return user + system
}
const send = (answer: FunctionAnswer): void => {
  process.send?.(answer)
}

let aheadMs = 0
const TrueDate = Date
globalThis.Date = class extends TrueDate {
  constructor(...given: []) {
    if (given.length === 0) super(TrueDate.now() + aheadMs)
    else super(...given)
  }

  static override now(): number {
    return TrueDate.now() + aheadMs
  }
} as DateConstructor

let logBytes = 0
let logLines = 0
process.stdout.write = (chunk: string | Uint8Array): boolean => {
  logBytes += Buffer.byteLength(chunk)
  logLines += String(chunk).trimEnd().split('\n').length
  return true
}

const contextOf = () => ({
  functionName: name,
  awsRequestId: randomUUID(),
  getRemainingTimeInMillis: () => 900_000,
})

const beforeImport = process.cpuUsage()
const { handler } = await import(pathToFileURL(bundle).href)
send({ kind: 'ready', cpuUs: cpuUs(beforeImport) })

process.on('message', async (call: FunctionCall) => {
  aheadMs = call.aheadMs
  logBytes = 0
  logLines = 0
  const before = process.cpuUsage()
  try {
    const answer: unknown = await handler(call.event, contextOf())
    send({ kind: 'done', answer, cpuUs: cpuUs(before), logBytes, logLines })
  } catch (error) {
    send({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
})
