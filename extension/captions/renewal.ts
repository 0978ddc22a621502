import { backoffMs } from './backoff.ts'
import { type Clock, sleep, sleepUntil } from './clock.ts'
import { type Ending, endingAfter } from './connector.ts'
import type { LeaseRefusal } from './lease-refusal.ts'
import type { Lease, Leases } from './leases.ts'
import type { ProblemView } from './view.ts'

export interface RenewalOptions {
  readonly leases: Leases
  readonly clock: Clock
  readonly random: () => number
  /** No further lease can be had for what there is, so far. */
  onUnaffordable(problem: ProblemView): void
}

export type Renewal =
  | { readonly kind: 'renewed'; readonly lease: Lease }
  /** The lease is over, and it is not known whether there is another. */
  | { readonly kind: 'lapsed' }
  | Ending

/** So much of a lease is left for its last turns. */
export const lastTurnsMs = 500
/** Credits may be bought in a lease's last seconds: they are asked for again, up to here. */
const lastAskMs = 3_000

/**
 * Asks for the next lease from when it can be had until it is given, or the present one ends. Where it can't be afforded
 * it is asked for again, since credits may be bought meanwhile.
 */
export async function renewInTime(
  lease: Lease,
  { leases, clock, random, onUnaffordable }: RenewalOptions,
  signal: AbortSignal,
): Promise<Renewal> {
  const endsAtMs = (): number =>
    leases.lease?.number === lease.number ? leases.lease.endsAtMs : lease.endsAtMs
  const leftMs = (): number => endsAtMs() - lastTurnsMs - clock.now()
  await sleepUntil(clock, lease.renewFromMs, signal)
  let refusal: LeaseRefusal | undefined
  for (let tries = 1; !signal.aborted && leftMs() > 0; tries++) {
    const answer = await leases.renew()
    if (answer.kind === 'granted') return { kind: 'renewed', lease: answer.lease }
    if (answer.kind === 'over' || answer.kind === 'signed_out') return afterEnd(answer, lease, leftMs())
    if (answer.kind === 'unaffordable') onUnaffordable(answer.problem)
    refusal = answer
    const retryMs = Math.min(backoffMs(tries, random), leftMs() / 2)
    await sleep(clock, Math.min(delayAfter(answer, leftMs(), retryMs), leftMs()), signal)
  }
  return refusal && endsWithLease(refusal) ? endingAfter(refusal) : { kind: 'lapsed' }
}

/** Where it is not known when the lease ends, captions that are over may just have lapsed. */
function afterEnd(refusal: LeaseRefusal, { isEndKnown }: Lease, leftMs: number): Renewal {
  const hasLapsed = refusal.kind === 'over' && (leftMs <= 0 || !isEndKnown)
  return hasLapsed ? { kind: 'lapsed' } : endingAfter(refusal)
}

const endsWithLease = ({ kind }: LeaseRefusal): boolean => kind === 'unaffordable' || kind === 'refused'

function delayAfter(refusal: LeaseRefusal, leftMs: number, retryMs: number): number {
  if (refusal.kind === 'wait') return refusal.delayMs
  if (refusal.kind === 'refused') return leftMs
  if (refusal.kind !== 'unaffordable') return Math.max(100, retryMs)
  return leftMs > 2 * lastAskMs ? leftMs / 2 : leftMs
}
