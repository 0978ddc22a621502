import { build as buildSrt } from 'subsrt-ts/dist/format/srt.js'
import { build as buildVtt } from 'subsrt-ts/dist/format/vtt.js'
import { type Cue, cuesOf } from './cues.ts'
import type { TranscriptExport } from './model.ts'
import { segmentLine } from './text-line.ts'

/** SubRip began on Windows: its lines end with CRLF. Nothing in it names an encoding, so a byte order mark does. */
export const srt = (request: TranscriptExport): string =>
  `\uFEFF${buildSrt(captions(request, '\r\n', withoutTags), { format: 'srt', eol: '\r\n' })}`

/** WebVTT is UTF-8 by definition and needs no byte order mark. */
export const vtt = (request: TranscriptExport): string =>
  buildVtt(captions(request, '\n', escaped), { format: 'vtt', eol: '\n' })

/** Cues as the library takes them. It writes their text as it is given, so it is made safe here. */
const captions = (request: TranscriptExport, eol: string, safe: (text: string) => string) =>
  request.segments.flatMap(segment => {
    const line = segmentLine(segment, request.labels)
    return cuesOf(line, segment.startMs, segment.endMs).map(cue => captionOf(cue, eol, safe))
  })

const captionOf = ({ startMs, endMs, lines }: Cue, eol: string, safe: (text: string) => string) => {
  const text = lines.map(safe).join(eol)
  const duration = endMs - startMs
  return { type: 'caption' as const, index: 0, start: startMs, end: endMs, duration, content: text, text }
}

/** WebVTT has entities. Without `>` there is no arrow either. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const lookAlikes: Readonly<Record<string, string>> = { '<': '‹', '>': '›', '{': '(', '}': ')' }

/** SubRip has no way to escape what players take for tags: look-alikes stand in for it. */
const withoutTags = (text: string): string => text.replaceAll(/[<>{}]/g, sign => lookAlikes[sign] ?? sign)
