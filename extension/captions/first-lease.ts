import { Problem } from '../messages/problem.ts'
import { backoffMs } from './backoff.ts'
import { type Clock, sleep } from './clock.ts'
import type { Lease, LeaseAnswer, Leases } from './leases.ts'
import type { LiveApi } from './live-api.ts'

export interface FirstLeaseOptions {
  readonly leases: Leases
  readonly api: Pick<LiveApi, 'stopLive'>
  readonly clock: Clock
  readonly random: () => number
  /** Whether captions that the account has open elsewhere are ended. */
  readonly takeOver: boolean
}

/** The listener has clicked and waits: what does not work by then is told. */
const mostTries = 4
const longestWaitMs = 5_000

/**
 * Asks for the lease that captions begin with.
 *
 * @throws {Problem} why there is none; what may be held all the same is for the caller to stop
 */
export async function firstLease(options: FirstLeaseOptions, signal: AbortSignal): Promise<Lease> {
  const { leases, clock } = options
  for (let tries = 1; ; tries++) {
    if (signal.aborted) throw new Problem(stoppedBefore)
    const answer = await leases.start()
    if (answer.kind === 'granted') return answer.lease
    const delayMs = tries < mostTries ? await delayAfter(answer, options, tries) : undefined
    if (delayMs === undefined) throw new Problem(answer.problem)
    await sleep(clock, delayMs, signal)
  }
}

/** How long to wait before it is asked for again; undefined where that is of no use. */
async function delayAfter(
  answer: Exclude<LeaseAnswer, { kind: 'granted' }>,
  { api, takeOver, random }: FirstLeaseOptions,
  tries: number,
): Promise<number | undefined> {
  switch (answer.kind) {
    case 'retry':
    case 'over':
      return backoffMs(tries, random)
    case 'wait':
      return answer.delayMs <= longestWaitMs ? answer.delayMs : undefined
    case 'elsewhere':
      if (!takeOver || answer.operationId === undefined) return undefined
      await api.stopLive(answer.operationId).catch(() => undefined)
      return 0
    default:
      return undefined
  }
}

const stoppedBefore = {
  code: 'stopped_before',
  detail:
    'Captions were stopped before they began. Look at your credits: no more was charged than is shown there.',
}
