import { expect, test } from 'vitest'
import { createPace } from '../../../../local/stand-ins/assemblyai/streaming/pace.ts'

const OPENED_MS = 1_000_000

test('audio as fast as it is spoken passes, for hours', () => {
  const pace = createPace(OPENED_MS)
  for (let count = 1; count <= 36_000; count++) pace.check(100, OPENED_MS + count * 100)
})

test('3 s ahead of the clock pass, more does not', () => {
  const pace = createPace(OPENED_MS)
  for (let count = 0; count < 3; count++) pace.check(1_000, OPENED_MS)
  expect(() => pace.check(100, OPENED_MS + 50)).toThrow(
    'Audio Transmission Rate Exceeded: Received 3.1 sec. audio in 0.1 sec',
  )
})

test('time in which nothing was sent is not saved up', () => {
  const pace = createPace(OPENED_MS)
  for (let count = 0; count < 3; count++) pace.check(1_000, OPENED_MS + 60_000)
  expect(() => pace.check(1_000, OPENED_MS + 60_000)).toThrow('Received 4.0 sec. audio in 60.0 sec')
})

test('what ran ahead is made up for by waiting', () => {
  const pace = createPace(OPENED_MS)
  for (let count = 0; count < 3; count++) pace.check(1_000, OPENED_MS)
  pace.check(1_000, OPENED_MS + 1_000)
  expect(() => pace.check(100, OPENED_MS + 1_000)).toThrow('Audio Transmission Rate Exceeded')
})

test.each([
  [50, true],
  [1_000, true],
  [49.9, false],
  [1_000.1, false],
  [0, false],
])('a message of %d ms: taken is %s', (durationMs, isTaken) => {
  const check = () => createPace(OPENED_MS).check(durationMs, OPENED_MS)
  if (isTaken) expect(check).not.toThrow()
  else expect(check).toThrow('Expected between 50 and 1000 ms')
})
