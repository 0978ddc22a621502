import * as z from 'zod'

const Countdown = z.int().min(0).max(1_000)

/** What can be asked of the stand-in for a test or a demonstration: how slow it is, and how the next calls fail. */
const Control = z.strictObject({
  /** How long each call takes, in milliseconds, until it is set back to 0. */
  delay_ms: z.int().min(0).max(600_000),
  /** The next `count` calls answer the error status `status`. */
  fail_next: z.strictObject({ count: Countdown, status: z.int().min(400).max(599) }),
  /** The next answers are complete but their JSON is cut short. */
  malformed_next: Countdown,
  /** The next answers stop halfway with status `incomplete`. */
  incomplete_next: Countdown,
  /** The next answers are a refusal. */
  refuse_next: Countdown,
})
export type Control = z.infer<typeof Control>

/** A change of the control: what it leaves out stays as it is. */
export const ControlChange = Control.partial()

export const initialControl: Control = {
  delay_ms: 0,
  fail_next: { count: 0, status: 500 },
  malformed_next: 0,
  incomplete_next: 0,
  refuse_next: 0,
}

/** Takes one from the failures still to come; undefined when there are none. */
export function takeFailure(control: Control): number | undefined {
  if (control.fail_next.count === 0) return undefined
  control.fail_next.count -= 1
  return control.fail_next.status
}

/** How an answer is spoilt; undefined for one that is as it should be. */
export type Spoiling = 'malformed' | 'incomplete' | 'refused'

/** Takes one from the answers still to be spoilt. */
export function takeSpoiling(control: Control): Spoiling | undefined {
  const kinds = [
    ['refuse_next', 'refused'],
    ['incomplete_next', 'incomplete'],
    ['malformed_next', 'malformed'],
  ] as const
  for (const [counter, spoiling] of kinds) {
    if (control[counter] === 0) continue
    control[counter] -= 1
    return spoiling
  }
  return undefined
}
