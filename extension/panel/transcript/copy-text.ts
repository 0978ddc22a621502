import { exportTranscript } from '../../export/export-transcript.ts'
import { exportLabels } from '../../export/labels.ts'
import { formatLanguage } from '../../ui/text.ts'
import type { ShownSession } from '../sessions/shown-session.ts'
import type { SegmentList } from './segment-list.ts'

/** Puts a whole transcript on the clipboard as plain text with its time stamps, as it would be saved. */
export const copyText = (
  { sessionId, page, startedAtMs }: ShownSession,
  segments: SegmentList,
): Promise<void> =>
  navigator.clipboard.writeText(
    exportTranscript({
      format: 'txt',
      session: { sessionId, page, startedAtMs },
      segments,
      language: formatLanguage(),
      labels: exportLabels(),
    }).contents,
  )
