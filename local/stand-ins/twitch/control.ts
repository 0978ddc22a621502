import * as z from 'zod'

/** The kinds of calls, by who answers them. */
export const callKinds = ['token', 'helix', 'gql', 'usher', 'playlist', 'segment'] as const
export type CallKind = (typeof callKinds)[number]

/** About what Twitch gives an app access token. */
const sixtyDaysSeconds = 60 * 24 * 60 * 60

/** What can be asked of the stand-in for a test or a demonstration: what is slow, and what fails next. */
const Control = z.strictObject({
  /** How long each call of a kind takes at least, in milliseconds, until it is set back to 0. */
  delay_ms: z.partialRecord(z.enum(callKinds), z.int().min(0).max(600_000)),
  /** The next `count` calls of a kind answer the error status `status`. */
  fail_next: z.partialRecord(
    z.enum(callKinds),
    z.strictObject({ count: z.int().min(0).max(10_000), status: z.int().min(400).max(599) }),
  ),
  /** For how long the tokens that are issued from now on are good. */
  token_seconds: z.int().min(1).max(sixtyDaysSeconds),
})
export type Control = z.infer<typeof Control>

/** A change of the control: what it leaves out stays as it is, kind by kind. Two things are done at once instead. */
export const ControlChange = Control.partial().extend({
  /** No token that was issued so far is good any more. */
  revoke_tokens: z.literal(true).optional(),
  /** All counts begin again from 0. */
  reset_counts: z.literal(true).optional(),
})
export type ControlChange = z.infer<typeof ControlChange>

export const initialControl: Control = { delay_ms: {}, fail_next: {}, token_seconds: sixtyDaysSeconds }

export function applyChange(control: Control, change: ControlChange): void {
  Object.assign(control.delay_ms, change.delay_ms)
  Object.assign(control.fail_next, change.fail_next)
  control.token_seconds = change.token_seconds ?? control.token_seconds
}

/** Takes one from the failures of a kind that are still to come; its status, or undefined when there are none. */
export function takeFailure(control: Control, kind: CallKind): number | undefined {
  const failure = control.fail_next[kind]
  if (failure === undefined || failure.count === 0) return undefined
  failure.count -= 1
  return failure.status
}
