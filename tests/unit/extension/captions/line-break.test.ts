import { expect, it } from 'vitest'
import { lineBreakMeans } from '../../../../extension/captions/line-break.ts'

it.each([
  [1000, 'reconnect'],
  [1006, 'reconnect'],
  [1008, 'refused'],
  [1011, 'reconnect'],
  [3005, 'reconnect'],
  [3006, 'refused'],
  [3007, 'reconnect'],
  [3008, 'session_over'],
  [3009, 'crowded'],
  [4001, 'refused'],
] as const)('a socket that closes with %i: %s', (code, meaning) => {
  expect(lineBreakMeans(code)).toBe(meaning)
})
