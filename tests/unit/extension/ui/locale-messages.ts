import { readdirSync, readFileSync } from 'node:fs'
import { vi } from 'vitest'

const localesDir = new URL('../../../../extension/locales/', import.meta.url)

/** The languages that there are texts in. */
export const languages = (): string[] => readdirSync(localesDir)

/** All messages of a language, as the build puts them together. */
export function messagesOf(language: string): Record<string, { message: string }> {
  const dir = new URL(`${language}/`, localesDir)
  const parts = readdirSync(dir).map(file => JSON.parse(readFileSync(new URL(file, dir), 'utf8')))
  return Object.assign({}, ...parts)
}

/**
 * Puts a `chrome.i18n` in place that reads the real texts, and replaces as Chrome does: `$1` to `$9` by what is given,
 * by nothing where too little is, and `$$` by one `$`.
 */
export function useLocale(language = 'en', browserLanguage = language): void {
  const messages = messagesOf(language)
  vi.stubGlobal('chrome', {
    i18n: {
      getUILanguage: () => browserLanguage,
      getMessage: (key: string, substitutions: string[] = []) =>
        (messages[key]?.message ?? '').replaceAll(/\$(?:\$|([1-9]))/g, (_, digit?: string) =>
          digit === undefined ? '$' : (substitutions[Number(digit) - 1] ?? ''),
        ),
    },
  })
}
