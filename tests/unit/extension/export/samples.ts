import type { ExportFormat, ExportLabels, TranscriptExport } from '../../../../extension/export/model.ts'
import type { TranscriptSegment } from '../../../../extension/transcript/model.ts'

const labels: ExportLabels = {
  gap: (reason, milliseconds) => `[${milliseconds / 1_000} sec without captions: ${reason}]`,
  captionedOn: date => `Captioned on ${date}`,
  cited: timeStamps => `From ${timeStamps}`,
  untitled: 'Untitled page',
  summary: 'Summary',
  transcript: 'Transcript',
  questions: 'Questions and answers',
}

export const speech = (text: string, startMs = 0, endMs = startMs + 1_000): TranscriptSegment => ({
  sessionId: 'a',
  index: 0,
  startMs,
  endMs,
  kind: 'speech',
  text,
})

export const gap = (startMs: number, endMs: number): TranscriptSegment => ({
  ...speech('', startMs, endMs),
  kind: 'gap',
  reason: 'offline',
})

export const requestOf = (
  format: ExportFormat,
  segments: readonly TranscriptSegment[],
  changes: Partial<TranscriptExport> = {},
): TranscriptExport => ({
  format,
  segments,
  session: {
    sessionId: 'a',
    page: { title: 'A talk', url: 'https://example.com/talk' },
    startedAtMs: Date.UTC(2026, 9, 8, 22, 30),
  },
  language: 'en-GB',
  timeZone: 'Europe/Berlin',
  labels,
  ...changes,
})

/** The same with another title. */
export const titled = (title: string, format: ExportFormat = 'txt'): TranscriptExport => {
  const request = requestOf(format, [])
  return { ...request, session: { ...request.session, page: { ...request.session.page, title } } }
}
