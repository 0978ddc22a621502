import { expect, test } from 'vitest'
import { byteSize } from '../../../../../extension/pages/options/byte-size.ts'

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1_000, '1 kB'],
  [139_264, '139 kB'],
  [2_345_678, '2.35 MB'],
  [5_000_000_000_000, '5,000 GB'],
])('%d bytes are %s', (bytes, words) => {
  expect(byteSize(bytes, 'en')).toBe(words)
})
