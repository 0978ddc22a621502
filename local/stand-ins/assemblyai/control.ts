import * as z from 'zod'

const Countdown = z.int().min(0).max(1_000)
const FailNext = z.strictObject({ count: Countdown, status: z.int().min(400).max(599) })
type FailNext = z.infer<typeof FailNext>

/** What can be asked of the stand-in for a test or a demonstration: how slow it is, and what fails next. */
const Control = z.strictObject({
  /** How long after its submission a transcript is finished at the earliest, in milliseconds, until set to 0. */
  delay_ms: z.int().min(0).max(3_600_000),
  /** The next `count` calls of the asynchronous API answer the error status `status`. */
  fail_next: FailNext,
  /** This many of the next submitted transcripts end with status `error`. */
  fail_transcripts: Countdown,
  /** The next `count` calls for a streaming token answer the error status `status`. */
  fail_tokens: FailNext,
  /** How long a streaming token takes, in milliseconds. */
  token_delay_ms: z.int().min(0).max(600_000),
  /** How many streaming sessions may be open at once; null for any number. */
  max_sessions: z.int().min(0).nullable(),
})
export type Control = z.infer<typeof Control>

/** A change of the control: what it leaves out stays as it is. */
export const ControlChange = Control.partial()

export const initialControl: Control = {
  delay_ms: 0,
  fail_next: { count: 0, status: 500 },
  fail_transcripts: 0,
  fail_tokens: { count: 0, status: 500 },
  token_delay_ms: 0,
  max_sessions: null,
}

/** Takes one from the calls still to fail; its HTTP status, or undefined when there are none. */
export function takeFailedCall(failNext: FailNext): number | undefined {
  if (failNext.count === 0) return undefined
  failNext.count -= 1
  return failNext.status
}

/** Takes one from the transcripts still to fail; whether there was one. */
export function takeFailedTranscript(control: Control): boolean {
  if (control.fail_transcripts === 0) return false
  control.fail_transcripts -= 1
  return true
}
