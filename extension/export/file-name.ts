import filenamify from 'filenamify/browser'
import { localDate } from './dates.ts'
import type { TranscriptExport } from './model.ts'

/** In UTF-16 units, which are three bytes at most: file systems allow 255 bytes, and date and ending have one each. */
const maxLength = 90

/**
 * A name that every system takes, Windows included, as in `2026-10-08 A talk.srt`. The date is the one on which the
 * captions began, where the listener is. It is in front so that files sort by it, and no name is a reserved one.
 */
export function fileName(request: TranscriptExport): string {
  const { session, format, labels } = request
  const date = localDate(request)
  const named = dated(date, session.page.title)
  const name = named === date ? dated(date, labels.untitled) : named
  return filenamify(`${name}.${format}`, { maxLength })
}

const dated = (date: string, title: string): string =>
  filenamify(`${date} ${title.toWellFormed()}`, { replacement: ' ', maxLength: Number.POSITIVE_INFINITY })
    .replaceAll(/\s+/g, ' ')
    .trim()
