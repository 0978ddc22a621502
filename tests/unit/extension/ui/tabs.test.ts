import { expect, test } from 'vitest'
import { tabAfterKey } from '../../../../extension/ui/tabs.tsx'

test('arrow keys go round the tabs', () => {
  expect(tabAfterKey('ArrowRight', 2, 4)).toBe(3)
  expect(tabAfterKey('ArrowRight', 3, 4)).toBe(0)
  expect(tabAfterKey('ArrowLeft', 0, 4)).toBe(3)
})

test('Home and End go to the first and the last tab, and other keys nowhere', () => {
  expect([tabAfterKey('Home', 2, 4), tabAfterKey('End', 1, 4), tabAfterKey('a', 1, 4)]).toEqual([
    0,
    3,
    undefined,
  ])
})
