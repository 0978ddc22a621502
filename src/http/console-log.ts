type Fields = Readonly<Record<string, string | number | boolean | undefined>>

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

/**
 * What may be told of an error: its name, status and code, and where it was thrown. Messages of vendors can hold
 * what a user sent, so only the message of an error of ours is kept: a plain `Error` that no vendor's call has thrown.
 */
/** What vendors' errors and ours may carry beside their names. */
interface Told {
  readonly status?: unknown
  readonly code?: unknown
  readonly vendor?: unknown
  readonly kind?: unknown
}

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

const write = (level: string, code: string, fields: Fields, error?: unknown): void => {
  const line = { time: new Date().toISOString(), level, code, ...fields, error: describe(error) }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** The log: one line of JSON each, straight to standard output, where Lambda takes it as it is. */
export const consoleLog = {
  info: (code: string, fields: Fields = {}): void => write('info', code, fields),
  error: (code: string, fields: Fields = {}, cause?: unknown): void => write('error', code, fields, cause),
}
