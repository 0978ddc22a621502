import type { Api } from '../api/client.ts'
import { problemOf } from '../messages/problem.ts'
import type { LiveOperation, TranscriptSession } from './model.ts'
import type { TranscriptStore } from './store.ts'

/** A request that was on its way when the browser died may reach the backend this long after. */
const startMayArriveMs = 60_000

/** By then the backend has long closed what nobody stopped: it waits an hour after the last lease. */
const closedByBackendMs = 24 * 3_600_000

/** What the backend says of captions that it knows nothing of, or that have ended already: no stop can change them. */
const endedCodes: ReadonlySet<string> = new Set(['not_found', 'lease_over'])

export interface RecoveryDependencies {
  readonly store: TranscriptStore
  /** Who is signed in (`accountKey`), if anybody is. */
  readonly account: string | undefined
  /** Speaks for that account alone: it throws `signed_out` once another one is signed in. */
  readonly api: Pick<Api, 'stopLive'>
  /**
   * Whether the engine has these captions now, in any state but `ended`. It is asked about one session at a time, after
   * that was read from the store, so that captions which begin meanwhile are left alone.
   */
  isRunning(sessionId: string): Promise<boolean>
  readonly nowMs: number
}

/** Operations that are open at the backend, perhaps, and not running. Each may cost what is left of its last lease. */
export interface LeftOpen {
  /** Of who is signed in: the backend can't be asked now (no network, too many requests, a failure there). */
  readonly own: LiveOperation[]
  /** Only whose they are can stop them: they are kept until they sign in. */
  readonly others: LiveOperation[]
}

/**
 * Ends what a crash left open: of the browser, of the computer, or of the offscreen document. It may be called at any
 * time and as often as one likes: at the browser's start, at the worker's, after signing in, and by an alarm.
 *
 * - A session without an end that is not running ends as `broken_off`, when its last sound was sent or its last words
 *   were said, whichever was later.
 * - An operation that is open and whose session is not running is stopped at the backend as of its last sound, so that
 *   the rest of its last lease is given back. A repeat is answered alike there. It is closed here once the backend says
 *   what it came to, or that it has none; captions that began within the last minute may still be on their way to it.
 * - An operation of an account that is not signed in is left as it is, for a day: the backend tells nobody else of it.
 * - An operation that runs is never stopped.
 *
 * @returns what is still open: where it is one's own, call this again in a while
 * @throws {Problem} where the store can't be read or written
 */
export async function closeBrokenOff(dependencies: RecoveryDependencies): Promise<LeftOpen> {
  const { store, isRunning } = dependencies
  const operations = await store.openOperations()
  for (const session of await store.openSessions()) {
    if (!(await isRunning(session.sessionId))) await endBrokenOff(session, operations, dependencies)
  }
  const leftOpen: LeftOpen = { own: [], others: [] }
  for (const operation of operations) {
    if (await isRunning(operation.sessionId)) continue
    if (await isClosedAtBackend(operation, dependencies)) {
      await store.putOperation({ ...operation, closedAtMs: dependencies.nowMs })
    } else leftOpen[operation.account === dependencies.account ? 'own' : 'others'].push(operation)
  }
  return leftOpen
}

async function endBrokenOff(
  { sessionId, startedAtMs }: TranscriptSession,
  operations: readonly LiveOperation[],
  { store, nowMs }: RecoveryDependencies,
): Promise<void> {
  const segments = await store.segments(sessionId)
  const lastWordsMs = startedAtMs + (segments.at(-1)?.endMs ?? 0)
  const lastSoundsMs = operations.filter(of => of.sessionId === sessionId).map(of => of.lastAudioAtMs)
  const lastMs = Math.max(lastWordsMs, ...lastSoundsMs)
  await store.endSession(sessionId, Math.max(startedAtMs, Math.min(nowMs, lastMs)), 'broken_off')
}

async function isClosedAtBackend(
  { operationId, account, startedAtMs, startSentAtMs = startedAtMs, lastAudioAtMs }: LiveOperation,
  { account: signedIn, api, nowMs }: RecoveryDependencies,
): Promise<boolean> {
  if (nowMs - lastAudioAtMs > closedByBackendMs) return true
  if (account !== signedIn) return false
  try {
    await api.stopLive(operationId, lastAudioAtMs)
    return true
  } catch (error) {
    return endedCodes.has(problemOf(error).view.code) && nowMs - startSentAtMs > startMayArriveMs
  }
}
