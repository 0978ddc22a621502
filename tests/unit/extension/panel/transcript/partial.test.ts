import { expect, it } from 'vitest'
import { partialAfter } from '../../../../../extension/panel/transcript/partial.ts'
import { segment } from './segment.ts'

it('shows what is said after the last segment', () => {
  expect(partialAfter([segment(0)], { partialText: 'and then', partialStartMs: 2_600 })).toBe('and then')
})

it('does not show again what has become the last segment', () => {
  expect(partialAfter([segment(0), segment(1)], { partialText: 'segm', partialStartMs: 3_000 })).toBe('')
})
