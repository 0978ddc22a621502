import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { BodyBlocks } from '../../../src/upstream/body-blocks.ts'

const blocksOf = (chunks: readonly Uint8Array[]): readonly Uint8Array[] => {
  const blocks = new BodyBlocks()
  for (const chunk of chunks) blocks.add(chunk)
  return blocks.filled()
}

test('what comes out is what went in, in whatever pieces it came', () => {
  const chunk = fc
    .tuple(fc.oneof(fc.nat(10), fc.nat(200_000), fc.constant(65_536)), fc.nat(255))
    .map(([length, byte]) => Buffer.alloc(length, Buffer.from([byte, 1, 2])))
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 8 }), chunks => {
      expect(Buffer.concat(blocksOf(chunks)).equals(Buffer.concat(chunks))).toBe(true)
    }),
  )
})

test('a body that comes byte by byte is a few blocks', () => {
  const blocks = blocksOf(Array.from({ length: 200_000 }, () => Uint8Array.of(7)))
  expect(blocks.map(({ byteLength }) => byteLength)).toEqual([65_536, 65_536, 65_536, 3_392])
})

test('nothing is no block', () => {
  expect(blocksOf([])).toEqual([])
  expect(blocksOf([new Uint8Array(0)])).toEqual([])
})
