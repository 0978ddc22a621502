import { type Recording, recordingSchema } from '../contracts/transcription.ts'
import type { RecordingWindow } from './ports.ts'

/** A stretch of a recording as the contract names it. */
export const toRecording = (window: RecordingWindow): Recording => ({
  channel: window.channel,
  video_id: window.recordingId,
  recorded_at: window.recordedAt,
  is_live: window.isLive,
  from_ms: window.fromMs,
  to_ms: window.toMs,
  muted_ms: window.mutedMs,
})

/** The other way round. */
export const toWindow = (recording: Recording): RecordingWindow => ({
  channel: recording.channel,
  recordingId: recording.video_id,
  recordedAt: recording.recorded_at,
  isLive: recording.is_live,
  fromMs: recording.from_ms,
  toMs: recording.to_ms,
  mutedMs: recording.muted_ms,
})

/** A stretch as it is handed on and kept, read back. */
export const windowSchema = recordingSchema.transform(toWindow)
