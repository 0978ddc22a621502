import { DomainError } from './errors.ts'

/** The time in a UUIDv7's first 48 bits, in milliseconds since the epoch (RFC 9562, section 5.7). */
export const operationTimeMs = (operationId: string): number =>
  Number.parseInt(operationId.slice(0, 8) + operationId.slice(9, 13), 16)

const hourMs = 3_600_000
/** A key minted longer ago than this is refused for a new operation: it would sort into closed history. */
const oldestMs = 7 * 24 * hourMs
/** Clocks of clients run ahead; a day covers a wrong time zone. */
const newestMs = 24 * hourMs

/**
 * Refuses an operation id whose time is no plausible time for a new operation.
 * @throws {DomainError} `validation_failed`
 */
export const assertPlausibleTime = (operationId: string, nowMs: number): void => {
  const ageMs = nowMs - operationTimeMs(operationId)
  if (ageMs <= oldestMs && ageMs >= -newestMs) return
  throw new DomainError(
    'validation_failed',
    'The time in the Idempotency-Key is too far from now. Nothing was charged. Check the clock and send a new key.',
    { errors: [{ path: 'Idempotency-Key', message: 'Must be a UUIDv7 of the last 7 days.' }] },
  )
}

/** The Usage table's sort key: by time first, then unique, so that a repeat finds the first one's row. */
export const usageSortKey = (operationId: string): string =>
  `${new Date(operationTimeMs(operationId)).toISOString()}#${operationId}`
