import type { TranscriptExport } from './model.ts'

const zone = (timeZone: string | undefined) => (timeZone === undefined ? {} : { timeZone })

/** When the captions began, as `2026-10-08`: Swedes write dates so. */
export const localDate = ({ session, timeZone }: TranscriptExport): string =>
  new Intl.DateTimeFormat('sv', zone(timeZone)).format(session.startedAtMs)

/** When the captions began, in words. */
export const dateInWords = ({ session, timeZone, language }: TranscriptExport): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', ...zone(timeZone) }).format(
    session.startedAtMs,
  )
