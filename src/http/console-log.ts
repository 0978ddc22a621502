import type { LogFields } from './log-fields.ts'
import { embeddedMetrics, metricsNamespace } from './log-metrics.ts'

/** How deep a chain of causes is followed. */
const deepest = 4

/** Where an error was thrown. Its message stands before that in the stack, and may have lines that look alike. */
const framesOf = (error: Error): string[] | undefined =>
  error.stack
    ?.replace(error.message, '')
    .split('\n')
    .filter(line => /^\s+at /.test(line))
    .slice(0, 6)
    .map(line => line.trim())

/** What vendors' errors and ours may carry beside their names. */
interface Told {
  readonly status?: unknown
  readonly code?: unknown
  readonly vendor?: unknown
  readonly kind?: unknown
}

/**
 * What may be told of an error: its name, status and code, and where it was thrown. Messages of vendors can hold
 * what a user sent, so only the message of an error of ours is kept: a plain `Error` that no vendor's call has thrown.
 */
const describe = (error: unknown, isOurs = true, depth = 0): Record<string, unknown> | undefined => {
  if (!(error instanceof Error) || depth === deepest) return undefined
  const { status, code, vendor, kind } = error as Error & Told
  return {
    name: error.name,
    message: isOurs && error.constructor === Error ? error.message : undefined,
    vendor,
    kind,
    status,
    code,
    frames: framesOf(error),
    cause: describe(error.cause, isOurs && vendor === undefined, depth + 1),
  }
}

/** The vendor that an error is about, if it or one of its causes names one. */
const vendorOf = (error: unknown, depth = 0): string | undefined => {
  if (!(error instanceof Error) || depth === deepest) return undefined
  if ('vendor' in error && typeof error.vendor === 'string') return error.vendor
  return vendorOf(error.cause, depth + 1)
}

/** Whose lines they are. */
export interface LogSource {
  readonly stage: string
  readonly functionName: string
}

/**
 * A function's log: one line of JSON each, straight to standard output, where Lambda takes it as it is. Lines whose code
 * counts towards a metric carry it along.
 */
export const createLog = ({ stage, functionName }: LogSource) => {
  const namespace = metricsNamespace(stage)
  const write = (level: string, code: string, fields: LogFields, error?: unknown): void => {
    const time = new Date()
    const about = {
      timeMs: time.getTime(),
      namespace,
      vendor: level === 'error' ? vendorOf(error) : undefined,
    }
    const line = {
      time: time.toISOString(),
      level,
      code,
      ...fields,
      error: describe(error),
      ...embeddedMetrics(code, { ...fields, function: functionName }, about),
    }
    process.stdout.write(`${JSON.stringify(line)}\n`)
  }
  return {
    info: (code: string, fields: LogFields = {}): void => write('info', code, fields),
    error: (code: string, fields: LogFields = {}, cause?: unknown): void =>
      write('error', code, fields, cause),
  }
}
