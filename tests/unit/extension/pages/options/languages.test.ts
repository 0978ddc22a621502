import { expect, test } from 'vitest'
import { spokenLanguages } from '../../../../../extension/pages/options/languages.ts'

const codes = (chosen: string, language: string): string[] =>
  spokenLanguages(chosen, language).map(({ code }) => code)

test('languages have their names in the language of the page, and stand by name', () => {
  expect(spokenLanguages('', 'en').slice(0, 2)).toEqual([
    { code: 'en', name: 'English' },
    { code: 'fr', name: 'French' },
  ])
  expect(codes('', 'de')[0]).toBe('de')
})

test('one that was chosen and is not on the list is on it all the same, once', () => {
  expect(codes('sv', 'en')).toContain('sv')
  expect(codes('es', 'en').filter(code => code === 'es')).toHaveLength(1)
  expect(codes('multi', 'en')).not.toContain('multi')
})
