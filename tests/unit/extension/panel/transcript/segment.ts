import type { TranscriptSegment } from '../../../../../extension/transcript/model.ts'

/** A segment of three seconds that says its index. */
export const segment = (index: number, changes: Partial<TranscriptSegment> = {}): TranscriptSegment => ({
  sessionId: 's',
  index,
  startMs: index * 3_000,
  endMs: index * 3_000 + 2_500,
  kind: 'speech',
  text: `segment ${index}`,
  ...changes,
})
