/** Why a session is ended before its time: AssemblyAI's close code, and what it says of it. */
export class SessionFailure extends Error {
  override readonly name = 'SessionFailure'
  readonly closeCode: number

  constructor(closeCode: number, message: string) {
    super(message)
    this.closeCode = closeCode
  }
}

/*
 * Codes and messages are those of AssemblyAI's page "Common session errors and closures", except where a comment
 * says otherwise.
 */

export const missingAuthorization = () =>
  new SessionFailure(1008, 'Unauthorized Connection: Missing Authorization header')

/** The wording of the reason is the stand-in's. */
export const badToken = (reason: string) => new SessionFailure(1008, `Unauthorized Connection: ${reason}`)

export const tooManySessions = () =>
  new SessionFailure(3009, 'Unauthorized Connection: Too many concurrent sessions')

export const serverError = () => new SessionFailure(3005, 'Session Cancelled: An error occurred')

/** AssemblyAI does not publish what it says here; 3005 is its code for all that has none of its own. */
export const inactive = (seconds: number) =>
  new SessionFailure(3005, `Session Cancelled: No activity for ${seconds} seconds`)

/** The stand-in's own: this machine cannot keep up. */
export const tooSlow = () =>
  new SessionFailure(3005, 'Session Cancelled: The stand-in cannot keep up with the audio on this machine')

/** Which code AssemblyAI gives a query that it does not take is not published. */
export const badQuery = (message: string) => new SessionFailure(3006, `Input validation error: ${message}`)

export const invalidJson = (text: string) => new SessionFailure(3006, `Invalid JSON: ${text}`)

export const invalidMessage = (text: string) => new SessionFailure(3006, `Invalid Message: ${text}`)

export const invalidMessageType = (type: string) => new SessionFailure(3006, `Invalid Message Type: ${type}`)

export const wrongDuration = (milliseconds: number) =>
  new SessionFailure(
    3007,
    `Input Duration Error: Input Duration Violation: ${milliseconds.toFixed(1)} ms. Expected between 50 and 1000 ms`,
  )

export const tooFast = (audioSeconds: number, seconds: number) =>
  new SessionFailure(
    3007,
    `Audio Transmission Rate Exceeded: Received ${audioSeconds.toFixed(1)} sec. audio in ${seconds.toFixed(1)} sec`,
  )

export const capReached = () => new SessionFailure(3008, 'Session Expired: Maximum session duration exceeded')

/** What the control orders. */
export function orderedFailure(closeCode: number): SessionFailure {
  const published = [missingAuthorization(), serverError(), capReached(), tooManySessions()]
  return (
    published.find(failure => failure.closeCode === closeCode) ??
    new SessionFailure(closeCode, `The stand-in was told to close with ${closeCode}`)
  )
}

/** A close frame has room for 123 bytes; AssemblyAI refers to the Error message where that is not enough. */
export function closeReason(failure: SessionFailure): string {
  return Buffer.byteLength(failure.message) <= 123 ? failure.message : 'See Error message for details'
}
