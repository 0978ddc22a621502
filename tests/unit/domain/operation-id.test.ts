import * as fc from 'fast-check'
import { v7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import { assertPlausibleTime, operationTimeMs, usageSortKey } from '../../../src/domain/operation-id.ts'

const nowMs = Date.UTC(2026, 10, 21)
const hourMs = 3_600_000

/** Up to the year 9999, where ISO 8601 still has four digits. */
const someTime = fc.integer({ min: 0, max: 253_402_300_799_999 })
const someId = someTime.map(msecs => v7({ msecs }))

test("an operation id's time is that of the UUIDv7", () => {
  fc.assert(fc.property(someTime, msecs => operationTimeMs(v7({ msecs })) === msecs))
  expect(operationTimeMs('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')).toBe(
    Date.parse('2022-02-22T14:22:22-05:00'),
  )
})

test('sort keys stand in the order of time', () => {
  fc.assert(
    fc.property(someId, someId, (a, b) => {
      fc.pre(operationTimeMs(a) !== operationTimeMs(b))
      expect(usageSortKey(a) < usageSortKey(b)).toBe(operationTimeMs(a) < operationTimeMs(b))
    }),
  )
})

test('two operations of one millisecond have two sort keys, and one operation always has the same', () => {
  const [a, b] = [v7({ msecs: nowMs }), v7({ msecs: nowMs })]
  expect(usageSortKey(a)).not.toBe(usageSortKey(b))
  expect(usageSortKey(a)).toBe(usageSortKey(a))
  expect(usageSortKey(a)).toBe(`2026-11-21T00:00:00.000Z#${a}`)
})

describe('the time of a new operation', () => {
  const check = (ageMs: number) => () => assertPlausibleTime(v7({ msecs: nowMs - ageMs }), nowMs)

  test.each([
    ['now', 0],
    ['seven days old', 7 * 24 * hourMs],
    ['a day ahead', -24 * hourMs],
  ])('may be %s', (_when, ageMs) => {
    expect(check(ageMs)).not.toThrow()
  })

  test.each([
    ['older than seven days', 7 * 24 * hourMs + 1],
    ['more than a day ahead', -24 * hourMs - 1],
    ['the beginning of the epoch', nowMs],
  ])('may not be %s', (_when, ageMs) => {
    expect(check(ageMs)).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        details: { errors: [expect.objectContaining({ path: 'Idempotency-Key' })] },
      }),
    )
  })

  test('may not be the latest that a UUIDv7 can say', () => {
    expect(() => assertPlausibleTime('ffffffff-ffff-7fff-bfff-ffffffffffff', nowMs)).toThrow(/clock/)
  })
})
