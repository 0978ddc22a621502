import type { PriceList } from '../../src/contracts/credits.ts'

/** Seconds of live captions that credits pay for: each one pays for a whole slice. */
export const liveSecondsOf = (credits: number, rates: PriceList['rates']): number =>
  Math.floor(Math.max(0, credits) / rates.live_transcription.credits) *
  rates.live_transcription.per_seconds_begun

/**
 * A length of time in words for a balance, as "1 hr 20 min" or "45 sec": seconds as long as there is less than a minute,
 * so it never says 0 minutes while some remain.
 *
 * @param seconds whole or not; parts of the last unit are left off
 */
export function duration(seconds: number, language = chrome.i18n.getUILanguage()): string {
  const whole = Math.max(0, Math.floor(seconds))
  const format = new Intl.DurationFormat(language, { style: 'short', secondsDisplay: 'auto' })
  if (whole < 60)
    return new Intl.DurationFormat(language, { style: 'short', secondsDisplay: 'always' }).format({
      seconds: whole,
    })
  return format.format({ hours: Math.floor(whole / 3_600), minutes: Math.floor((whole % 3_600) / 60) })
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
export const price = (cents: number, currency: string, language = chrome.i18n.getUILanguage()): string =>
  new Intl.NumberFormat(language, { style: 'currency', currency }).format(cents / 100)
