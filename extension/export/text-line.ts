import type { TranscriptSegment } from '../transcript/model.ts'
import type { ExportLabels } from './model.ts'

/** A text in one line, without what no reader should meet: control characters and halves of characters. */
export const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()

/** What a segment says: the words, after who said them where that is known, or why there are none. */
export function segmentLine(segment: TranscriptSegment, labels: ExportLabels): string {
  if (segment.kind === 'gap') {
    return labels.gap(segment.reason ?? 'interrupted', segment.endMs - segment.startMs)
  }
  const text = oneLine(segment.text)
  return segment.speaker === undefined ? text : `${oneLine(segment.speaker)}: ${text}`
}
