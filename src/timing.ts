import { mostCallsInTurn } from './domain/catchup-summary.ts'

/** API Gateway gives up after 30 s, so a question's two attempts end before. */
export const askModel = { timeoutMs: 11_000, maxRetries: 1, totalTimeoutMs: 24_000 }
/** Nobody waits for a catch-up's answer. */
export const summaryModel = { timeoutMs: 60_000, maxRetries: 1, totalTimeoutMs: 125_000 }
/** What a vendor's attempts leave room for: retries' pauses, our own writes, clocks that differ. */
const holdMarginMs = 30_000
/** A hold outlives the model's attempts. */
export const askHoldMs = askModel.totalTimeoutMs + holdMarginMs

/** Lambda runs an asynchronous invocation three times, one and two minutes apart, unless it succeeds. */
const asynchronousRuns = 3
const asynchronousPausesMs = 180_000
/** `maximumEventAge` in serverless.yml: how long after an invocation its last run may begin. */
export const eventAgeMs = (runMs: number): number => asynchronousRuns * runMs + asynchronousPausesMs
/** How long after an invocation its last run has ended: it may have begun as late as its event's age allows. */
const allRunsMs = (runMs: number): number => eventAgeMs(runMs) + runMs

/** For finding a recording, and for uploading it as it is fetched. */
export const findTimeoutMs = 60_000
export const streamTimeoutMs = 220_000
/** The fetching function's time-out in serverless.yml: these, and what stands around them. */
export const fetchRunMs = findTimeoutMs + streamTimeoutMs + 20_000

/** A transcript of two hours has megabytes. */
export const longTranscriptMs = 20_000
/** AssemblyAI transcribes two hours in a few minutes; after this it has failed. */
const longestTranscriptionMs = 15 * 60_000
/** A call-back that is lost is found by the sweep: it asks once the call-back is overdue, and may have to ask again. */
export const callbackDueMs = 5 * 60_000
const longestCallbackMs = 2 * callbackDueMs

/** The worker's time-out in serverless.yml: a long transcript's calls one after the other, and the rest. */
export const workerRunMs = mostCallsInTurn * summaryModel.totalTimeoutMs + holdMarginMs

/** A catch-up's hold outlives all its steps and their tries together. */
export const transcriptHoldMs = allRunsMs(workerRunMs) + holdMarginMs
/** What is left of a channel's hold once no run that fetches its sound can still be under way. */
export const lifeAfterFetchMs = longestTranscriptionMs + longestCallbackMs + allRunsMs(workerRunMs)
export const channelHoldMs = allRunsMs(fetchRunMs) + holdMarginMs + lifeAfterFetchMs

/** From an account's note to its hold: a function's run, and clocks that differ. */
export const noteToHoldMs = 60_000
