import type { TranscriptSegment } from '../transcript/model.ts'
import type { ExportLabels } from './model.ts'
import { oneLine, segmentLine } from './text-line.ts'

/** A pause that begins a new paragraph. */
const pauseMs = 4_000
const longestMs = 60_000

interface Paragraph {
  readonly startMs: number
  readonly text: string
}

/** Segments that follow one another closely, said by one speaker, as one paragraph of up to a minute; a gap is its own. */
export function paragraphs(segments: readonly TranscriptSegment[], labels: ExportLabels): Paragraph[] {
  const groups: TranscriptSegment[][] = []
  for (const segment of segments) {
    const group = groups.at(-1)
    if (group && continues(group, segment)) group.push(segment)
    else groups.push([segment])
  }
  return groups.flatMap(group => paragraphOf(group, labels))
}

const continues = (group: readonly TranscriptSegment[], segment: TranscriptSegment): boolean => {
  const first = group[0]
  const last = group.at(-1)
  if (!first || !last) return false
  return (
    last.kind === 'speech' &&
    segment.kind === 'speech' &&
    last.speaker === segment.speaker &&
    segment.startMs - last.endMs < pauseMs &&
    segment.endMs - first.startMs <= longestMs
  )
}

const paragraphOf = (group: readonly TranscriptSegment[], labels: ExportLabels): Paragraph[] => {
  const [first, ...others] = group
  if (!first) return []
  const texts = others.map(segment => oneLine(segment.text))
  return [{ startMs: first.startMs, text: [segmentLine(first, labels), ...texts].join(' ') }]
}
