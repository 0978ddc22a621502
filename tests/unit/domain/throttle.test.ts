import { beforeEach, describe, expect, test } from 'vitest'
import { Throttle, type ThrottleRule, throttleRules } from '../../../src/domain/throttle.ts'
import { MemoryCounters } from '../support/memory-stores.ts'
import { TestClock } from '../support/test-clock.ts'

const rule: ThrottleRule = { name: 'spend', limit: 3, windowSeconds: 60 }

let clock: TestClock
let counters: MemoryCounters
let throttle: Throttle

/** Counts calls, and tells after how many seconds each that was refused may be tried again. */
const count = async (times: number, subject = 'ann', by = rule): Promise<(number | 'taken')[]> => {
  const results: (number | 'taken')[] = []
  for (let i = 0; i < times; i++) {
    results.push(
      await throttle.count(by, subject).then(
        () => 'taken' as const,
        error => {
          expect(error).toMatchObject({ code: 'too_many_requests' })
          return error.details.retry_after_seconds
        },
      ),
    )
  }
  return results
}

beforeEach(() => {
  clock = new TestClock(Date.UTC(2026, 10, 21, 12))
  counters = new MemoryCounters()
  throttle = new Throttle(counters, clock.now)
})

test('takes as many calls as the rule says and refuses the next', async () => {
  expect(await count(4)).toEqual(['taken', 'taken', 'taken', 60])
})

test('says in whole seconds when the window ends, and never zero', async () => {
  await count(3)
  clock.advance(1)
  expect(await count(1)).toEqual([60])
  clock.advance(29_999)
  expect(await count(1)).toEqual([30])
  clock.advance(29_001)
  expect(await count(1)).toEqual([1])
  clock.advance(998)
  expect(await count(1)).toEqual([1])
})

test('starts anew with the next window', async () => {
  await count(4)
  clock.advance(60_000)
  expect(await count(4)).toEqual(['taken', 'taken', 'taken', 60])
})

test('counts each subject and each rule by itself', async () => {
  await count(3)
  expect(await count(1, 'ben')).toEqual(['taken'])
  expect(await count(1, 'ann', { ...rule, name: 'login' })).toEqual(['taken'])
  expect(await count(1)).toEqual([60])
})

test('lets a counter vanish when its window ends', async () => {
  clock.advance(10_000)
  await count(1)
  expect([...counters.expiries.values()]).toEqual([Date.UTC(2026, 10, 21, 12, 1)])
})

describe('work that came to nothing', () => {
  const check = () => throttle.check(rule, 'ann')
  const note = () => throttle.meter(rule).note('ann')

  test('is counted without refusing anything, and found by a check that counts nothing', async () => {
    for (let i = 0; i < 2; i++) await note()
    for (let i = 0; i < 5; i++) await check()
    await note()
    await expect(check()).rejects.toMatchObject({
      code: 'too_many_requests',
      details: { retry_after_seconds: 60 },
    })
  })

  test('is forgotten with the next window', async () => {
    for (let i = 0; i < 3; i++) await note()
    clock.advance(60_000)
    await expect(check()).resolves.toBeUndefined()
  })

  test('of one subject is not held against another', async () => {
    for (let i = 0; i < 3; i++) await note()
    await expect(throttle.check(rule, 'ben')).resolves.toBeUndefined()
  })
})

describe('the rules', () => {
  test('each have a name of their own, a limit and a window', () => {
    const rules = Object.values(throttleRules(1))
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length)
    for (const { limit, windowSeconds } of rules) {
      expect(limit).toBeGreaterThan(0)
      expect(windowSeconds).toBeGreaterThan(0)
    }
  })

  test('grow with the scale, and their windows do not', () => {
    const [one, five] = [throttleRules(1), throttleRules(5)]
    expect(five.loginByEmail.limit).toBe(5 * one.loginByEmail.limit)
    expect(five.loginByEmail.windowSeconds).toBe(one.loginByEmail.windowSeconds)
  })
})
