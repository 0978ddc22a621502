import { expect, test } from 'vitest'
import { createRateLimit } from '../../../../../local/stand-ins/twitch/rate-limit.ts'

test('a minute has 800 points, and the next has as many', () => {
  const minuteMs = 60_000
  let nowMs = 5 * minuteMs + 1_000
  const takePoint = createRateLimit(() => nowMs)
  for (let call = 1; call < 800; call += 1) takePoint()
  expect(takePoint()).toEqual({
    'Ratelimit-Limit': '800',
    'Ratelimit-Remaining': '0',
    'Ratelimit-Reset': '360',
  })
  expect(takePoint).toThrow(
    expect.objectContaining({
      statusCode: 429,
      headers: { 'Ratelimit-Limit': '800', 'Ratelimit-Remaining': '0', 'Ratelimit-Reset': '360' },
    }),
  )
  nowMs += minuteMs
  expect(takePoint()).toMatchObject({ 'Ratelimit-Remaining': '799' })
})
