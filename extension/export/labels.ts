import { duration } from '../ui/format.ts'
import { text } from '../ui/text.ts'
import type { ExportLabels } from './model.ts'

/** What files say in the language of the browser. */
export const exportLabels = (): ExportLabels => ({
  gap: (reason, milliseconds) => text(`export_gap_${reason}`, duration(milliseconds / 1_000)),
  captionedOn: date => text('export_captioned_on', date),
  cited: timeStamps => text('export_cited', timeStamps),
  untitled: text('export_untitled'),
  summary: text('export_summary'),
  transcript: text('export_transcript'),
  questions: text('export_questions'),
})
