import type { UpstreamError } from './errors.ts'
import type { ChannelRefusal, JobFailure } from './ports.ts'

/** Why a channel can't be caught up on, as the listener reads it. */
const refusals: Readonly<Record<ChannelRefusal, string>> = {
  channel_not_found:
    'There is no such channel on Twitch. Nothing was charged. Check its name as it stands in its address.',
  channel_offline:
    'The channel is not on air, so there is nothing to catch up on. Nothing was charged. Try again when it is.',
  no_recording:
    'The channel does not record what is on air. Nothing was charged. Use live captions to follow it instead.',
  recording_unavailable:
    "The channel's recordings are for its subscribers only, or can't be played. Nothing was charged. Try another channel.",
  recording_muted: 'Twitch has muted all of these minutes. Nothing was charged. Ask for more minutes.',
  recording_too_large:
    'These minutes are more data than can be transcribed at once. Nothing was charged. Ask for fewer minutes.',
}

export const refusalOf = (refusal: ChannelRefusal): JobFailure => ({
  code: refusal,
  detail: refusals[refusal],
})

const sentences = {
  noSpeech: {
    code: 'no_speech',
    detail: 'Nobody was heard speaking in these minutes. Nothing was charged. Ask for more minutes.',
  },
  recordingRefused: {
    code: 'upstream_failed',
    detail:
      "Twitch won't hand out the recording at the moment. Nothing was charged. Try again in a few minutes.",
  },
  recordingStalled: {
    code: 'upstream_timeout',
    detail:
      'Twitch took too long to hand out the recording. Nothing was charged. Try again in a few minutes.',
  },
  recordingFailed: {
    code: 'upstream_failed',
    detail:
      "Twitch's recording can't be fetched at the moment. Nothing was charged. Try again in a few minutes.",
  },
  transcriptionStalled: {
    code: 'upstream_timeout',
    detail: 'Handing the recording to the transcription took too long. Nothing was charged. Try again.',
  },
  transcriptionFailed: {
    code: 'upstream_failed',
    detail: 'The recording could not be transcribed. Nothing was charged. Try again.',
  },
  summaryStalled: {
    code: 'upstream_timeout',
    detail: 'The summary took too long. Nothing was charged. Try again.',
  },
  summaryTooLong: {
    code: 'upstream_failed',
    detail: 'The transcript is too long to be read at once. Nothing was charged. Catch up on less of it.',
  },
  summaryFailed: {
    code: 'upstream_failed',
    detail: 'The summary failed. Nothing was charged. Try again.',
  },
} as const satisfies Record<string, JobFailure>

export const { noSpeech, transcriptionFailed } = sentences

/** Why finding or fetching a recording came to nothing. */
export const recordingFailure = ({ kind, status }: UpstreamError): JobFailure => {
  if (kind === 'too_long') return refusalOf('recording_too_large')
  if (kind === 'timeout') return sentences.recordingStalled
  return status === 403 ? sentences.recordingRefused : sentences.recordingFailed
}

/** Why the speech vendor did not take it. */
export const submissionFailure = ({ kind }: UpstreamError): JobFailure =>
  kind === 'timeout' ? sentences.transcriptionStalled : sentences.transcriptionFailed

/** Why there is no summary. */
export const summaryFailure = ({ kind }: UpstreamError): JobFailure => {
  if (kind === 'too_long') return sentences.summaryTooLong
  return kind === 'timeout' ? sentences.summaryStalled : sentences.summaryFailed
}
