import type { AskResponse, CatchupAccepted, CatchupResponse } from '../../../src/contracts/transcription.ts'
import type { ProblemView } from '../../captions/view.ts'
import type { AssistantRequest } from '../../transcript/model.ts'

/** Where a question or a catch-up stands, as the listener sees it. */
export type Standing =
  | { readonly name: 'sending' }
  /** Accepted; what was last said of how far it is. */
  | { readonly name: 'working'; readonly progress: CatchupResponse | undefined }
  /** The backend can't be asked; that is tried again by itself. */
  | { readonly name: 'waiting'; readonly problem: ProblemView }
  /** Nobody knows whether it was answered, and nothing is done about it before the listener says so. */
  | { readonly name: 'unsettled'; readonly problem: ProblemView | undefined }
  /** Who asked is not signed in: it goes on by itself once they are. Nobody else pays for it. */
  | { readonly name: 'asker_signed_out' }
  | { readonly name: 'answered' }
  | { readonly name: 'failed'; readonly problem: ProblemView }

type Action = 'post' | 'poll'

/** A request and what is to be done about it. */
export interface RequestState {
  /** As it is kept: with its answer or failure, once there is one. */
  readonly request: AssistantRequest
  readonly standing: Standing
  /** Absent where nothing is to be done. */
  readonly next?: { readonly action: Action; readonly afterMs: number }
  /** Whether the backend may have it: then a refusal to talk says nothing about it. */
  readonly mayHaveArrived: boolean
  /** Whether the backend has said in this run that it has it. */
  readonly accepted: boolean
  /** Tries in a row that came to nothing. */
  readonly failedTries: number
}

/** Older requests are not sent by themselves: the listener may not want any more what would be paid for. */
const freshMs = 15 * 60_000
const pollAfterMs = 2_000
const longestWaitMs = 30_000
/** Four minutes and a half, with the pauses between them. */
const mostFailedTries = 12

/** Problems that say nothing about the request, and that pass. */
const passing: ReadonlySet<string> = new Set([
  'offline',
  'unreachable',
  'unexpected_answer',
  'internal',
  'engine_failed',
])

/** Problems that are about the asking, not about what is asked for. */
const aboutAsking: ReadonlySet<string> = new Set([
  'too_many_requests',
  'signed_out',
  'unauthenticated',
  'consent_needed',
])

const untouched = { mayHaveArrived: false, accepted: false, failedTries: 0 }

/** A request that was just made and is kept, and was not sent yet. */
export const minted = (request: AssistantRequest): RequestState => ({
  ...untouched,
  request,
  standing: { name: 'sending' },
  next: { action: 'post', afterMs: 0 },
})

/**
 * A request that is found in the store. How a catch-up stands can be asked for at no cost; a question can only be sent
 * again, under the same key, so that what was answered is answered again and not charged twice.
 *
 * @param account who is signed in (`accountKey`), if anybody is
 */
export function resumed(request: AssistantRequest, account: string | undefined, nowMs: number): RequestState {
  const state = { ...untouched, request, mayHaveArrived: true }
  if (request.answer !== undefined) return { ...state, standing: { name: 'answered' } }
  if (request.failure !== undefined)
    return { ...state, standing: { name: 'failed', problem: request.failure } }
  if (request.account !== account) return { ...state, standing: { name: 'asker_signed_out' } }
  if (request.body.kind !== 'ask') {
    return {
      ...state,
      standing: { name: 'working', progress: undefined },
      next: { action: 'poll', afterMs: 0 },
    }
  }
  if (!isFresh(request, nowMs)) return { ...state, standing: { name: 'unsettled', problem: undefined } }
  return { ...state, standing: { name: 'sending' }, next: { action: 'post', afterMs: 0 } }
}

const isFresh = (request: AssistantRequest, nowMs: number): boolean => nowMs - request.askedAtMs < freshMs

/** The listener says that an unsettled request is to go on. */
export const triedAgain = (state: RequestState): RequestState => ({
  ...state,
  failedTries: 0,
  standing: { name: 'sending' },
  next: { action: 'post', afterMs: 0 },
})

export const isSettled = ({ standing }: RequestState): boolean =>
  standing.name === 'answered' || standing.name === 'failed'

/** Whether it waits for who asked to be signed in. */
export const waitsForAsker = ({ standing }: RequestState): boolean => standing.name === 'asker_signed_out'

/** Whether something is done about it now. */
export const isUnderWay = ({ next }: RequestState): boolean => next !== undefined

/** A question was answered. */
export const afterAnswer = (state: RequestState, answer: AskResponse): RequestState => answered(state, answer)

/** A catch-up was accepted. */
export const afterAcceptance = (state: RequestState, { status }: CatchupAccepted): RequestState => ({
  ...state,
  mayHaveArrived: true,
  accepted: true,
  failedTries: 0,
  standing: { name: 'working', progress: undefined },
  next: { action: 'poll', afterMs: status === 'completed' ? 0 : pollAfterMs },
})

/** The backend has said how a catch-up stands. */
export function afterPoll(state: RequestState, progress: CatchupResponse): RequestState {
  if (progress.status === 'completed') return answered(state, progress)
  if (progress.status === 'failed') {
    return failed(state, progress.error ?? { code: 'internal', detail: '' })
  }
  return {
    ...state,
    accepted: true,
    failedTries: 0,
    standing: { name: 'working', progress },
    next: { action: 'poll', afterMs: pollAfterMs },
  }
}

/** Sending it, or asking for it, came to nothing. */
export function afterProblem(state: RequestState, problem: ProblemView, nowMs: number): RequestState {
  const action = state.next?.action ?? 'post'
  if (problem.code === 'operation_in_progress') return underWayAlready(state, action, problem)
  if (passing.has(problem.code)) return waiting({ ...state, mayHaveArrived: true }, action, problem)
  if (aboutAsking.has(problem.code) && state.mayHaveArrived) return laterOrNever(state, action, problem)
  if (action === 'poll' && problem.code === 'not_found' && !state.accepted) return unknownThere(state, nowMs)
  return failed(state, problem)
}

/** An earlier sending of it is being answered, and its answer will be had. */
const underWayAlready = (state: RequestState, action: Action, problem: ProblemView): RequestState => ({
  ...state,
  mayHaveArrived: true,
  failedTries: 0,
  standing: { name: 'sending' },
  next: { action, afterMs: (problem.retryAfterSeconds ?? 2) * 1_000 },
})

/** Only time helps against too many requests, and only the listener against the rest. */
function laterOrNever(state: RequestState, action: Action, problem: ProblemView): RequestState {
  if (problem.code === 'too_many_requests') return waiting(state, action, problem)
  if (problem.code === 'signed_out') return resting({ ...state, standing: { name: 'asker_signed_out' } })
  return resting({ ...state, standing: { name: 'unsettled', problem } })
}

/** The backend has nothing under this key: it never came there, or has come to nothing. */
const unknownThere = (state: RequestState, nowMs: number): RequestState =>
  isFresh(state.request, nowMs)
    ? { ...state, standing: { name: 'sending' }, next: { action: 'post', afterMs: 0 } }
    : resting({ ...state, standing: { name: 'unsettled', problem: undefined } })

function waiting(state: RequestState, action: Action, problem: ProblemView): RequestState {
  const failedTries = state.failedTries + 1
  if (failedTries > mostFailedTries) {
    return resting({ ...state, failedTries, standing: { name: 'unsettled', problem } })
  }
  const backoffMs = Math.min(longestWaitMs, 1_000 * 2 ** (failedTries - 1))
  const afterMs =
    problem.retryAfterSeconds === undefined ? backoffMs : Math.max(1, problem.retryAfterSeconds) * 1_000
  return {
    ...state,
    failedTries,
    standing: { name: 'waiting', problem },
    next: { action, afterMs },
  }
}

const answered = (state: RequestState, answer: unknown): RequestState =>
  resting({ ...state, request: { ...state.request, answer }, standing: { name: 'answered' } })

function failed(state: RequestState, problem: ProblemView): RequestState {
  const { code, detail, requiredCredits, availableCredits } = problem
  const failure = {
    code,
    detail,
    ...(requiredCredits === undefined ? {} : { requiredCredits }),
    ...(availableCredits === undefined ? {} : { availableCredits }),
  }
  return resting({
    ...state,
    request: { ...state.request, failure },
    standing: { name: 'failed', problem },
  })
}

const resting = ({ next: _, ...state }: RequestState): RequestState => state
