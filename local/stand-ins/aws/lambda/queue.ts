import type { State } from '../../state.ts'
import type { Finished, Invocation, LambdaData } from './data.ts'
import { deadLetter } from './dead-letter.ts'
import type { FunctionAnswer, Invoker } from './invoker.ts'

/** How Lambda treats a function's asynchronous invocations. */
export interface FunctionSettings {
  name: string
  /** How often a run that failed is tried again. */
  maximumRetryAttempts: number
  /** How long after its acceptance an event may still begin to run. */
  maximumEventAgeMs: number
}

/** Asynchronous invocations, from their acceptance to their end. */
export interface InvocationQueue {
  /** Keeps an event; it is on disk when this resolves. */
  accept(functionName: string, payload: string, requestId: string): Promise<void>
  /** Starts the runs that are due. */
  start(): void
  /** When the next run is due, in milliseconds; Infinity when nothing waits for its time. */
  nextDueMs(): number
  /** Lets go of what runs: its events stay, for the next process. */
  close(): void
}

export interface InvocationQueueOptions {
  state: State<LambdaData>
  invoke: Invoker
  settingsOf(functionName: string): Promise<FunctionSettings | undefined>
  functionArn(functionName: string): string
  /** Pauses before each further run, the last one standing for all after it; Lambda waits one minute and two. */
  retryDelaysMs: readonly number[]
  nowMs: () => number
  /** Takes what failed for good. */
  bury(record: string): Promise<void>
  /** Called after each run, when what became of it is kept. */
  onRun(): void
  onError(error: unknown): void
}

const maxInFlight = 16
const finishedKept = 50
/** Lambda's own: a second at first, doubled each time; here to half a minute, there to five. */
const firstUnansweredDelayMs = 1_000
const longestUnansweredDelayMs = 30_000
/** Lambda's defaults. */
export const lambdaDefaults = { maximumRetryAttempts: 2, maximumEventAgeMs: 6 * 60 * 60_000 }

export function createInvocationQueue(options: InvocationQueueOptions): InvocationQueue {
  const { state, nowMs } = options
  const inFlight = new Set<string>()
  let closed = false

  function waiting(): Invocation[] {
    if (closed) return []
    return Object.values(state.data.pending).filter(({ requestId }) => !inFlight.has(requestId))
  }

  async function run(invocation: Invocation): Promise<void> {
    const settings = await options.settingsOf(invocation.functionName)
    const { maximumEventAgeMs, maximumRetryAttempts } = settings ?? lambdaDefaults
    if (nowMs() - invocation.acceptedAtMs > maximumEventAgeMs) return end(invocation, 'EventAgeExceeded')

    const answer = await answerTo(invocation)
    if (closed) return
    if (answer === undefined) return putOff(invocation)
    if (answer.functionError === undefined) return end(invocation, 'succeeded')
    const { status, functionError, payload } = answer
    invocation.failedRuns += 1
    invocation.lastFailure = { status, functionError, payload }
    if (invocation.failedRuns > maximumRetryAttempts) return end(invocation, 'RetriesExhausted')
    invocation.nextRunMs = nowMs() + retryDelayMs(invocation.failedRuns)
    await state.save()
  }

  /** Undefined when nobody answers. */
  async function answerTo({
    functionName,
    payload,
    requestId,
  }: Invocation): Promise<FunctionAnswer | undefined> {
    return options.invoke(functionName, payload, requestId).catch(() => undefined)
  }

  function retryDelayMs(failedRuns: number): number {
    const { retryDelaysMs } = options
    return retryDelaysMs[failedRuns - 1] ?? retryDelaysMs.at(-1) ?? 0
  }

  async function putOff(invocation: Invocation): Promise<void> {
    const delayMs = Math.min(firstUnansweredDelayMs * 2 ** invocation.unanswered, longestUnansweredDelayMs)
    invocation.unanswered += 1
    invocation.nextRunMs = nowMs() + delayMs
    await state.save()
  }

  async function end(invocation: Invocation, outcome: Finished['outcome']): Promise<void> {
    const { requestId, functionName, acceptedAtMs, failedRuns } = invocation
    const atMs = nowMs()
    if (outcome !== 'succeeded') {
      const functionArn = options.functionArn(functionName)
      await options.bury(deadLetter(invocation, { condition: outcome, functionArn, atMs }))
    }
    const runs = outcome === 'succeeded' ? failedRuns + 1 : failedRuns
    const { data } = state
    delete data.pending[requestId]
    data.finished.push({ requestId, functionName, acceptedAtMs, finishedAtMs: atMs, runs, outcome })
    data.finished.splice(0, data.finished.length - finishedKept)
    await state.save()
  }

  function launch(invocation: Invocation): void {
    inFlight.add(invocation.requestId)
    run(invocation)
      .catch((error: unknown) => {
        options.onError(error)
        invocation.nextRunMs = nowMs() + firstUnansweredDelayMs
      })
      .finally(() => {
        inFlight.delete(invocation.requestId)
        if (!closed) options.onRun()
      })
  }

  return {
    async accept(functionName, payload, requestId) {
      const atMs = nowMs()
      state.data.pending[requestId] = {
        requestId,
        functionName,
        payload,
        acceptedAtMs: atMs,
        nextRunMs: atMs,
        failedRuns: 0,
        unanswered: 0,
        lastFailure: null,
      }
      await state.save()
    },
    start() {
      const due = waiting().filter(invocation => invocation.nextRunMs <= nowMs())
      for (const invocation of due.slice(0, Math.max(0, maxInFlight - inFlight.size))) launch(invocation)
    },
    nextDueMs() {
      if (inFlight.size >= maxInFlight) return Infinity
      return Math.min(...waiting().map(invocation => invocation.nextRunMs))
    },
    close() {
      closed = true
    },
  }
}
