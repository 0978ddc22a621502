import type { Log } from '../src/domain/ports.ts'
import type { Operation } from './command.ts'

/** What something failed with goes to the operator; the command's report tells the rest. */
export const failuresTo = (progress: Operation['progress']): Log => ({
  info: () => undefined,
  error: (code, fields, error) => {
    if (error === undefined) return
    const why = error instanceof Error ? error.message : 'unknown'
    progress(`${code} ${JSON.stringify(fields)}: ${why}`)
  },
})
