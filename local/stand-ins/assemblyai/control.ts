import * as z from 'zod'

const Countdown = z.int().min(0).max(1_000)

/** What can be asked of the stand-in for a test or a demonstration: how slow it is, and what fails next. */
const Control = z.strictObject({
  /** How long after its submission a transcript is finished at the earliest, in milliseconds, until set to 0. */
  delay_ms: z.int().min(0).max(3_600_000),
  /** The next `count` calls of the API answer the error status `status`. */
  fail_next: z.strictObject({ count: Countdown, status: z.int().min(400).max(599) }),
  /** This many of the next submitted transcripts end with status `error`. */
  fail_transcripts: Countdown,
})
export type Control = z.infer<typeof Control>

/** A change of the control: what it leaves out stays as it is. */
export const ControlChange = Control.partial()

export const initialControl: Control = {
  delay_ms: 0,
  fail_next: { count: 0, status: 500 },
  fail_transcripts: 0,
}

/** Takes one from the calls still to fail; its HTTP status, or undefined when there are none. */
export function takeFailedCall(control: Control): number | undefined {
  if (control.fail_next.count === 0) return undefined
  control.fail_next.count -= 1
  return control.fail_next.status
}

/** Takes one from the transcripts still to fail; whether there was one. */
export function takeFailedTranscript(control: Control): boolean {
  if (control.fail_transcripts === 0) return false
  control.fail_transcripts -= 1
  return true
}
