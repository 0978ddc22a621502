import { expect, test } from 'vitest'
import { countFinalWords } from '../../../../../local/recogniser/live/agreement.ts'

const words = (text: string) =>
  text
    .split(' ')
    .filter(word => word !== '')
    .map(word => ({ text: word, confidence: 1, tokens: [] }))

test.each([
  ['the first look makes nothing final', '', 'he was not', 0, 0],
  ['words that two looks agree on are final', 'he was knot', 'he was not an', 0, 2],
  ['the last word is not, as it may still grow', 'to', 'to', 0, 0],
  ['nor is the last of several', 'he was', 'he was', 0, 1],
  ['a word with other punctuation is another word', 'to do.', 'to do for', 0, 1],
  ['agreement after a difference does not count', 'a was not here', 'the was not here', 0, 0],
  ['what is final stays so', 'he was', 'he', 2, 2],
])('%s', (_rule, before, now, alreadyFinal, expected) => {
  expect(countFinalWords(words(before), words(now), alreadyFinal)).toBe(expected)
})
