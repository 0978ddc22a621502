import type { Log } from '../../src/domain/ports.ts'

/** A log for tests of which nobody reads the lines. */
export const silent: Log = { info: () => undefined, error: () => undefined }
