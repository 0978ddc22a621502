import type { PriceList } from '../../src/contracts/credits.ts'
import { formatLanguage } from './text.ts'

/** Seconds of live captions that credits pay for: each one pays for a whole slice. */
export const liveSecondsOf = (credits: number, rates: PriceList['rates']): number =>
  Math.floor(Math.max(0, credits) / rates.live_transcription.credits) *
  rates.live_transcription.per_seconds_begun

/**
 * A length of time in words, as "1 hr, 20 min" or "45 sec": in seconds as long as there is less than a minute, and none
 * only where nothing is left, so it never says that a balance is over while it isn't.
 *
 * @param seconds whole or not; what the last unit can't show is left off
 */
export function duration(seconds: number, language = formatLanguage()): string {
  const whole = seconds > 0 ? Math.max(1, Math.floor(seconds)) : 0
  if (whole < 60) {
    return new Intl.DurationFormat(language, { style: 'short', secondsDisplay: 'always' }).format({
      seconds: whole,
    })
  }
  return new Intl.DurationFormat(language, { style: 'short' }).format({
    hours: Math.floor(whole / 3_600),
    minutes: Math.floor((whole % 3_600) / 60),
  })
}

/** A time stamp from a start, as `0:07` or `1:02:03`. */
export function timeStamp(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000)
  const minutes = Math.floor(seconds / 60)
  const tail = String(seconds % 60).padStart(2, '0')
  if (minutes < 60) return `${minutes}:${tail}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${tail}`
}

/** Cents as a price. @param currency as in `usd` */
export const price = (cents: number, currency: string, language = formatLanguage()): string =>
  new Intl.NumberFormat(language, { style: 'currency', currency }).format(cents / 100)

/** A number with the language's separators. */
export const number = (value: number, language = formatLanguage()): string => value.toLocaleString(language)

/** A moment by the listener's clock, as "22 Nov 2026, 14:05". */
export const moment = (ms: number, language = formatLanguage()): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(ms)

/** The day of a moment by the listener's clock, as "22 Nov 2026". */
export const day = (ms: number, language = formatLanguage()): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(ms)
