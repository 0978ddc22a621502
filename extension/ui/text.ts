import type common from '../locales/en/common.json'
import type credits from '../locales/en/credits.json'
import type exported from '../locales/en/export.json'
import type options from '../locales/en/options.json'
import type overlay from '../locales/en/overlay.json'
import type panel from '../locales/en/panel.json'
import type popup from '../locales/en/popup.json'
import type problems from '../locales/en/problems.json'
import type welcome from '../locales/en/welcome.json'

type Messages = typeof common &
  typeof credits &
  typeof exported &
  typeof options &
  typeof overlay &
  typeof panel &
  typeof popup &
  typeof problems &
  typeof welcome

/** What can be said: a key of one of the files in `locales/en`. */
export type TextKey = keyof Messages

type PluralStem<Key> = Key extends `${infer Stem}_other` ? Stem : never

/** What can be said of a number of things: `credits` has the keys `credits_one` and `credits_other`. */
export type PluralKey = PluralStem<TextKey>

/** A text in the listener's language; `$1`, `$2` … in it are replaced by what is given. */
export const text = (key: TextKey, ...substitutions: (string | number)[]): string =>
  chrome.i18n.getMessage(key, substitutions.map(String))

/** The language that texts are in: the browser's may be one that there are no texts for. */
export const textLanguage = (): string => text('common_language')

/** The language that numbers, dates and lengths of time are put in: the browser's own, as far as it fits the texts. */
export function formatLanguage(): string {
  const browsers = chrome.i18n.getUILanguage()
  return browsers.split('-')[0] === textLanguage().split('-')[0] ? browsers : textLanguage()
}

/**
 * A text about a number of things, in the plural form that the language has for that number; `$1` is the number, `$2` …
 * are the others.
 */
export function plural(key: PluralKey, count: number, ...others: (string | number)[]): string {
  const form = new Intl.PluralRules(textLanguage()).select(count)
  const substitutions = [count.toLocaleString(formatLanguage()), ...others.map(String)]
  return (
    chrome.i18n.getMessage(`${key}_${form}`, substitutions) ||
    chrome.i18n.getMessage(`${key}_other`, substitutions)
  )
}
