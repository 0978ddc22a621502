import { expect, test } from 'vitest'
import { wordErrorRate } from '../../support/word-error-rate.ts'

test.each([
  ['the same words', 'he was here', 'he was here', 0],
  ['other case, punctuation and hyphens', 'an ill disposed mister john', 'An ill-disposed Mr. John!', 0],
  ['one word replaced', 'he was not here', 'he was now here', 0.25],
  ['one word left out', 'he was not here', 'he was here', 0.25],
  ['one word too many', 'he was not here', 'he was not not here', 0.25],
  ['nothing heard', 'he was not here', '', 1],
  ['twice as much heard as said', 'he was', 'he was he was', 1],
])('%s', (_what, said, heard, rate) => {
  expect(wordErrorRate(said, heard)).toBe(rate)
})
