import { segmentsWithin } from '../transcript/range.ts'
import { fileName } from './file-name.ts'
import { json } from './json.ts'
import { markdown } from './markdown.ts'
import type { ExportFormat, TranscriptExport, TranscriptFile } from './model.ts'
import { plainText } from './plain-text.ts'
import { srt, vtt } from './subtitles.ts'

/** What makes a file's contents, and its media type. */
const writers: Readonly<
  Record<ExportFormat, { readonly mediaType: string; write(request: TranscriptExport): string }>
> = {
  txt: { mediaType: 'text/plain;charset=utf-8', write: plainText },
  srt: { mediaType: 'application/x-subrip', write: srt },
  vtt: { mediaType: 'text/vtt', write: vtt },
  json: { mediaType: 'application/json', write: json },
  md: { mediaType: 'text/markdown;charset=utf-8', write: markdown },
}

/**
 * Makes a file of a transcript. Times in it count from the session's start, whatever the range.
 *
 * All files are UTF-8 and end lines with LF, but for srt: see there.
 */
export function exportTranscript(request: TranscriptExport): TranscriptFile {
  const { mediaType, write } = writers[request.format]
  const segments = request.range ? segmentsWithin(request.segments, request.range) : request.segments
  return { fileName: fileName(request), mediaType, contents: write({ ...request, segments }) }
}
