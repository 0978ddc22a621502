import { describe, expect, test } from 'vitest'
import {
  type Choice,
  endOf,
  mayBeRepeated,
  nextLookInMs,
  type Purchase,
  purchaseOf,
} from '../../../../../extension/pages/credits/purchase.ts'
import type { TransactionResponse } from '../../../../../src/contracts/credits.ts'

const starter: Choice = { email: 'a@example.com', packageId: 'starter', packageName: 'Starter', credits: 500 }
const hourMs = 3_600_000

const underWay = (changes: Partial<Purchase> = {}): Purchase => ({
  ...starter,
  idempotencyKey: 'key-1',
  startedAtMs: 0,
  ...changes,
})

describe('what is asked for', () => {
  const keyAfter = (purchase: Purchase | undefined, choice = starter, nowMs = hourMs): string =>
    purchaseOf(choice, purchase, nowMs, () => 'key-2').idempotencyKey

  test('is new, with a key and the time, where nothing is under way', () => {
    expect(purchaseOf(starter, undefined, 5, () => 'key-2')).toEqual({
      ...starter,
      idempotencyKey: 'key-2',
      startedAtMs: 5,
    })
  })

  test('is what is under way already, whether its answer came or not', () => {
    expect(keyAfter(underWay())).toBe('key-1')
    expect(keyAfter(underWay({ checkout: { url: 'https://pay.example', openedAtMs: 1 } }))).toBe('key-1')
  })

  test('is new where another pack or another account was under way', () => {
    expect(keyAfter(underWay(), { ...starter, packageId: 'power' })).toBe('key-2')
    expect(keyAfter(underWay(), { ...starter, email: 'b@example.com' })).toBe('key-2')
  })

  test('is new once the last has ended, or is too old to be opened again', () => {
    expect(keyAfter(underWay({ end: 'paid' }))).toBe('key-2')
    expect(keyAfter(underWay(), starter, 21 * hourMs)).toBe('key-2')
  })
})

test('a key is kept where nobody knows what became of its request, and not where it is spent', () => {
  expect(
    ['offline', 'unreachable', 'unexpected_answer', 'upstream_failed', 'internal'].every(mayBeRepeated),
  ).toBe(true)
  expect(['validation_failed', 'idempotency_mismatch'].some(mayBeRepeated)).toBe(false)
})

describe('how a purchase ended', () => {
  const row = (status: TransactionResponse['status'], id = 'key-1'): TransactionResponse => ({
    transaction_id: id,
    type: 'purchase',
    credits: 500,
    status,
    created_at: '2026-11-22T00:00:00Z',
  })

  test.each([
    ['completed', 'paid'],
    ['failed', 'failed'],
    ['expired', 'expired'],
    ['needs_review', 'in_review'],
    ['pending', undefined],
  ] as const)('a movement that is %s: %s', (status, end) => {
    expect(endOf(underWay(), [row('completed', 'another'), row(status)])).toBe(end)
  })

  test('is open while the backend has no movement of it', () => {
    expect(endOf(underWay(), [row('completed', 'another')])).toBeUndefined()
  })
})

test('one looks often at first, seldom later, and at last no more', () => {
  expect([0, 119_000, 120_000, 29 * 60_000, 30 * 60_000].map(nextLookInMs)).toEqual([
    4_000,
    4_000,
    20_000,
    20_000,
    undefined,
  ])
})
