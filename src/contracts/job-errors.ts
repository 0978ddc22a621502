/** Why a job that was answered with 202 came to nothing. Codes may be added, never renamed. */
export const jobErrorCodes = [
  'upstream_failed',
  'upstream_timeout',
  'unsupported_media',
  'no_speech',
  'channel_not_found',
  'channel_offline',
  'no_recording',
  'recording_unavailable',
  'recording_muted',
  'recording_too_large',
] as const
