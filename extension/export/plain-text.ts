import { timeStamp } from '../ui/format.ts'
import { dateInWords } from './dates.ts'
import type { TranscriptExport } from './model.ts'
import { oneLine, segmentLine } from './text-line.ts'

/** A segment a line. No byte order mark: UTF-8 is what every editor of today takes a text for. */
export function plainText(request: TranscriptExport): string {
  const { session, segments, labels, timeStamps = true } = request
  const head = [
    oneLine(session.page.title) || labels.untitled,
    session.page.url,
    labels.captionedOn(dateInWords(request)),
    '',
  ]
  const said = segments.map(segment => {
    const line = segmentLine(segment, labels)
    return timeStamps ? `[${timeStamp(segment.startMs)}] ${line}` : line
  })
  return `${[...head, ...said].join('\n')}\n`
}
