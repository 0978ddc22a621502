import type { StopResponse } from '../../src/contracts/live-captions.ts'
import { problemOf } from '../messages/problem.ts'
import type { LiveOperation } from '../transcript/model.ts'
import type { TranscriptStore } from '../transcript/store.ts'
import type { Clock } from './clock.ts'
import { withDeadline } from './deadline.ts'
import { type LeaseRefusal, leaseRefusal } from './lease-refusal.ts'
import type { LiveApi } from './live-api.ts'
import type { RefundCount } from './refund-count.ts'

export interface StopDependencies {
  readonly api: Pick<LiveApi, 'stopLive'>
  readonly store: Pick<TranscriptStore, 'putOperation' | 'openOperations'>
  readonly clock: Clock
  /** Each refund is counted. */
  readonly refunds: RefundCount
}

export type StopOutcome =
  | { readonly kind: 'stopped'; readonly response: StopResponse }
  /** There is nothing to stop: it never began. */
  | { readonly kind: 'nothing' }
  /** It stays in the store as open, and is stopped before the next captions start. */
  | { readonly kind: 'unknown' }

/** A question is never worth a longer wait: the next try may find another way through the network. */
export const answerTimeoutMs = 8_000

/** A start that was not answered may reach the backend this long after. */
export const startMayArriveMs = 60_000

/** Tries once to stop an operation; one that is known to have ended is closed in the store. @param endedAtMs now where absent */
export async function stopOperation(
  deps: StopDependencies,
  operation: LiveOperation,
  endedAtMs?: number,
): Promise<StopOutcome> {
  const outcome = await tryToStop(deps, operation, endedAtMs)
  if (outcome.kind === 'stopped' && outcome.response.credits_refunded > 0) deps.refunds.use(deps.clock.now())
  if (outcome.kind !== 'unknown') await closeOperation(deps, operation)
  return outcome
}

/** Notes in the store that an operation is over. A store that fails must not keep captions from ending. */
export const closeOperation = (
  { store, clock }: Pick<StopDependencies, 'store' | 'clock'>,
  operation: LiveOperation,
): Promise<void> => store.putOperation({ ...operation, closedAtMs: clock.now() }).catch(() => undefined)

/**
 * Stops what an earlier run of the browser, or a stop that did not get through, has left open on an account.
 *
 * @param currentId the operation that is none of these, if there is one
 * @throws what the store does
 */
export async function stopLeftovers(
  deps: StopDependencies,
  account: string,
  currentId: string | undefined,
): Promise<void> {
  const open = await deps.store.openOperations()
  const left = open.filter(of => of.account === account && of.operationId !== currentId)
  await Promise.all(left.map(operation => stopOperation(deps, operation, operation.lastAudioAtMs)))
}

async function tryToStop(
  { api, clock }: StopDependencies,
  { operationId, startedAtMs, startSentAtMs = startedAtMs }: LiveOperation,
  endedAtMs: number | undefined,
): Promise<StopOutcome> {
  try {
    const asked = api.stopLive(operationId, endedAtMs)
    return { kind: 'stopped', response: await withDeadline(clock, answerTimeoutMs, asked) }
  } catch (error) {
    const { kind } = leaseRefusal(problemOf(error))
    const mayArrive = kind === 'over' && clock.now() - startSentAtMs < startMayArriveMs
    return { kind: mayArrive || unknownAfter.has(kind) ? 'unknown' : 'nothing' }
  }
}

const unknownAfter: ReadonlySet<LeaseRefusal['kind']> = new Set(['retry', 'wait', 'signed_out'])
