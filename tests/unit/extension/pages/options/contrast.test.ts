import { expect, test } from 'vitest'
import { contrast, readableContrast } from '../../../../../extension/pages/options/contrast.ts'
import { overlayStyleSchema } from '../../../../../extension/settings/model.ts'

test.each([
  ['#000000', '#ffffff', 21],
  ['#ffffff', '#000000', 21],
  ['#123456', '#123456', 1],
  ['#767676', '#ffffff', 4.54],
  ['#777777', '#ffffff', 4.48],
  ['#ff0000', '#0000ff', 2.15],
])('the contrast of %s and %s is %d', (one, other, ratio) => {
  expect(contrast(one, other)).toBeCloseTo(ratio, 2)
})

test('captions can be read with ease as they come', () => {
  const { textColour, backgroundColour } = overlayStyleSchema.parse({})
  expect(contrast(textColour, backgroundColour)).toBeGreaterThan(readableContrast)
})
