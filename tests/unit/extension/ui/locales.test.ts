import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { languages, messagesOf } from './locale-messages.ts'
import { readTexts } from './texts-in-sources.ts'

const { mentions, calls } = readTexts()
const english = messagesOf('en')
const keys = Object.keys(english)

const gapsIn = (message: string): number =>
  Math.max(0, ...[...message.matchAll(/(?<!\$)\$([1-9])/g)].map(match => Number(match[1])))

const pluralForms = new Set(['zero', 'one', 'two', 'few', 'many', 'other'])
const stemOf = (key: string): string | undefined => {
  const [, stem, form = ''] = /^(.+)_(\w+?)$/.exec(key) ?? []
  return pluralForms.has(form) ? stem : undefined
}

test('every text is said somewhere, or named in the manifest', () => {
  const manifest = readFileSync(new URL('../../../../extension/build/manifest.ts', import.meta.url), 'utf8')
  const isMentioned = (name: string | undefined): boolean =>
    name !== undefined &&
    (mentions.some(mention => mention.test(name)) || manifest.includes(`__MSG_${name}__`))
  expect(keys.filter(key => !isMentioned(key) && !isMentioned(stemOf(key)))).toEqual([])
})

test('whoever says a text fills all its gaps', () => {
  const unfilled = calls.flatMap(({ file, name, key, substitutions = 9 }) =>
    keys
      .filter(said => (name === 'plural' ? stemOf(said) : said) === key)
      .filter(said => gapsIn(english[said]?.message ?? '') > substitutions)
      .map(said => `${file}: ${said}`),
  )
  expect(unfilled).toEqual([])
})

test('the sources do say texts with gaps: in the singular and the plural, and one or the other of two', () => {
  const said = new Set(calls.map(({ name, key, substitutions }) => `${name} ${key} ${substitutions}`))
  expect(said).toContain('plural credits 1')
  expect(said).toContain('text welcome_step_shortcut 1')
  expect(said).toContain('text credits_purchase_close 0')
})

describe.each(languages())('in %s', language => {
  const messages = Object.entries(messagesOf(language))

  test('no text is empty, and none has what Chrome takes for the name of a placeholder', () => {
    const broken = messages.filter(([, { message }]) => message.trim() === '' || /\$\w+\$/.test(message))
    expect(broken).toEqual([])
  })

  test('every text has the gaps of the English one', () => {
    const gaps = (message = ''): string[] => [...new Set(message.match(/\$[1-9]/g))].toSorted()
    const different = messages.filter(
      ([key, { message }]) => gaps(message).join() !== gaps(english[key]?.message).join(),
    )
    expect(different).toEqual([])
  })

  test('no two files have the same key', () => {
    const dir = new URL(`../../../../extension/locales/${language}/`, import.meta.url)
    const all = readdirSync(dir).flatMap(file =>
      Object.keys(JSON.parse(readFileSync(new URL(file, dir), 'utf8'))),
    )
    expect(all.filter((key, index) => all.indexOf(key) !== index)).toEqual([])
  })
})
