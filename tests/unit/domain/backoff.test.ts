import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fullJitter } from '../../../src/domain/backoff.ts'

const waits = async (random: number, attempts: number): Promise<number[]> => {
  const slept: number[] = []
  const backoff = fullJitter(
    () => random,
    async milliseconds => {
      slept.push(milliseconds)
    },
  )
  for (let attempt = 0; attempt < attempts; attempt++) await backoff(attempt)
  return slept
}

test('the longest wait doubles with each attempt, up to half a second', async () => {
  expect(await waits(1, 9)).toEqual([10, 20, 40, 80, 160, 320, 500, 500, 500])
})

test('a wait is anything between nothing and the longest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async random => {
      const [longest, slept] = await Promise.all([waits(1, 8), waits(random, 8)])
      slept.forEach((ms, attempt) => {
        expect(ms).toBeGreaterThanOrEqual(0)
        expect(ms).toBeLessThanOrEqual(longest[attempt] ?? 0)
      })
    }),
  )
})
