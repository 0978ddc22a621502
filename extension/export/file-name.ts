import filenamify from 'filenamify/browser'
import { localDate } from './dates.ts'
import type { TranscriptExport } from './model.ts'

/**
 * Of the title, in UTF-16 units of at most three bytes each: with the date and the ending a name stays under the 255
 * bytes that file systems allow.
 */
const maxTitleLength = 75

/**
 * A name that every system takes, Windows included, as in `2026-10-08 A talk.srt`. The date is the one on which the
 * captions began, where the listener is; it is in front so that files sort by it.
 */
export function fileName(request: TranscriptExport): string {
  const { session, format, labels } = request
  const title = filenamify(session.page.title.trim().toWellFormed(), { replacement: ' ' })
    .replaceAll(/\s+/g, ' ')
    .trim()
  const name = filenamify(title === '' ? labels.untitled : title, { maxLength: maxTitleLength })
  return `${localDate(request)} ${name}.${format}`
}
