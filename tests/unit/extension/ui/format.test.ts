import { beforeEach, describe, expect, test } from 'vitest'
import { day, duration, liveSecondsOf, moment, price, timeStamp } from '../../../../extension/ui/format.ts'
import { priceListExample } from '../../../../src/contracts/examples.ts'
import { useLocale } from './locale-messages.ts'

beforeEach(() => useLocale('en', 'en-US'))

describe('a length of time', () => {
  test.each([
    [0, '0 sec'],
    [-5, '0 sec'],
    [0.2, '1 sec'],
    [1, '1 sec'],
    [59, '59 sec'],
    [59.9, '59 sec'],
    [60, '1 min'],
    [119, '1 min'],
    [3_599, '59 min'],
    [3_600, '1 hr'],
    [4_800, '1 hr, 20 min'],
    [30_000, '8 hr, 20 min'],
    [360_000, '100 hr'],
  ])('of %d seconds is %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words)
  })
})

test.each([
  [0, '0:00'],
  [7_999, '0:07'],
  [60_000, '1:00'],
  [3_599_000, '59:59'],
  [3_600_000, '1:00:00'],
  [36_061_000, '10:01:01'],
])('%d ms from the start is stamped %s', (milliseconds, stamp) => {
  expect(timeStamp(milliseconds)).toBe(stamp)
})

test('credits pay for whole slices of captions, and a debt for none', () => {
  const rates = { ...priceListExample.rates, live_transcription: { credits: 2, per_seconds_begun: 6 } }
  expect([5, 4, 1, 0, -3].map(credits => liveSecondsOf(credits, rates))).toEqual([12, 12, 0, 0, 0])
})

test('cents are a price in their currency', () => {
  expect(price(299, 'usd')).toBe('$2.99')
  expect(price(1_999, 'eur', 'de')).toBe('19,99\u00a0€')
})

test('a moment is told by the listener’s own clock', () => {
  const ms = new Date(2026, 10, 22, 14, 5).getTime()
  expect(moment(ms, 'en-GB')).toBe('22 Nov 2026, 14:05')
  expect(day(ms, 'en-GB')).toBe('22 Nov 2026')
})
