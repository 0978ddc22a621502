import { beforeEach, expect, test } from 'vitest'
import { formatLanguage, plural, text, textLanguage } from '../../../../extension/ui/text.ts'
import { useLocale } from './locale-messages.ts'

beforeEach(() => useLocale())

test('a text has its gaps filled in order', () => {
  expect(text('problem_insufficient_credits', '20 credits', '3 credits')).toBe(
    'This needs 20 credits and you have 3 credits. Nothing was charged. Buy credits to go on.',
  )
})

test('one thing is told in the singular, none and many in the plural', () => {
  expect([0, 1, 2].map(count => plural('credits', count))).toEqual(['0 credits', '1 credit', '2 credits'])
})

test('a large number has separators', () => {
  expect(plural('credits', 12_000)).toBe('12,000 credits')
})

test('numbers follow the browser where it speaks the language of the texts, and the texts where it does not', () => {
  useLocale('en', 'en-GB')
  expect([textLanguage(), formatLanguage()]).toEqual(['en', 'en-GB'])
  useLocale('en', 'de')
  expect([textLanguage(), formatLanguage()]).toEqual(['en', 'en'])
  expect(plural('credits', 12_000)).toBe('12,000 credits')
})
