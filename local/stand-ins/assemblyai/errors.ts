/** An error that the API answers as `{"error": message}`, AssemblyAI's shape. */
export class AssemblyAiError extends Error {
  override readonly name = 'AssemblyAiError'
  readonly statusCode: number

  constructor(statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

/** A recording that cannot be transcribed: the transcript ends with status `error` and this message. */
export class TranscriptionError extends Error {
  override readonly name = 'TranscriptionError'
}

/*
 * The messages are AssemblyAI's own where its documentation ("Troubleshoot common errors", the FAQ on the
 * shortest audio) or published recordings of its answers show them.
 */

export const wrongKey = () => new AssemblyAiError(401, 'Authentication error, API token missing/invalid')

export const unknownTranscript = () =>
  new AssemblyAiError(400, 'Transcript lookup error, transcript id not found')

export const SERVER_ERROR = 'Server error, developers have been alerted.'

export const notAudio = () =>
  new TranscriptionError('Transcoding failed. File does not appear to contain audio.')

export const tooShort = () => new TranscriptionError('Audio duration is too short.')

export const tooLong = () => new TranscriptionError('Audio duration is too long.')

export const noSpokenAudio = () =>
  new TranscriptionError('language_detection cannot be performed on files with no spoken audio.')

export const cannotDownload = (url: string) =>
  new TranscriptionError(
    `Download error, unable to download ${url}. Please make sure the file exists and is accessible from the internet.`,
  )

/** The stand-in's own: it fetches from this machine only. */
export const notOnThisMachine = (url: string) =>
  new TranscriptionError(
    `Download error, unable to download ${url}. The stand-in downloads from this machine only; upload the file instead.`,
  )

/** The message of a made-up failure with this HTTP status. */
export function failureMessage(status: number): string {
  if (status === 401) return wrongKey().message
  if (status === 429) return 'Too many requests, please slow down.'
  return status >= 500 ? SERVER_ERROR : `The stand-in was told to answer ${status}.`
}
