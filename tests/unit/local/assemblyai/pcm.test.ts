import { expect, test } from 'vitest'
import { decodePcm } from '../../../../local/stand-ins/assemblyai/streaming/pcm.ts'

test('16-bit samples are little-endian; half a sample at the end is left', () => {
  const bytes = Buffer.from([0x00, 0x00, 0xff, 0x7f, 0x00, 0x80, 0x01])
  expect([...decodePcm(bytes, 'pcm_s16le')]).toEqual([0, 32_767 / 32_768, -1])
})

/** Values of ITU-T G.711, table 2a and 2b, scaled from 14 to 16 bits. */
test.each([
  [0xff, 0],
  [0x7f, 0],
  [0x80, 32_124],
  [0x00, -32_124],
  [0xfe, 8],
  [0xef, 132],
])('the mu-law byte %i is %i', (byte, sample) => {
  expect(decodePcm(Buffer.from([byte]), 'pcm_mulaw')[0]).toBeCloseTo(sample / 32_768, 6)
})
