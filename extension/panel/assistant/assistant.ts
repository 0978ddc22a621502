import { type ReadonlySignal, signal } from '@preact/signals'
import type { ProblemView } from '../../captions/view.ts'
import { Problem, problemOf } from '../../messages/problem.ts'
import type { AssistantRequest } from '../../transcript/model.ts'
import type { TranscriptStore } from '../../transcript/store.ts'
import { isUnderWay, minted, type RequestState, resumed, triedAgain, waitsForAsker } from './request-state.ts'
import { type RunPorts, runRequest } from './run-request.ts'

export interface AssistantPorts extends Omit<RunPorts, 'keep'> {
  readonly store: Pick<TranscriptStore, 'putRequest' | 'requests'>
  /** Who is signed in (`accountKey`), if anybody is. */
  account(): Promise<string | undefined>
  /** A UUIDv7. */
  newOperationId(): string
  /** Something was paid for, set aside or given back. */
  onSpent(): void
}

/** Questions and catch-ups, from when they are sent to their answers. */
export interface Assistant {
  /** Those that are loaded or were sent, in the order of their sending. */
  readonly requests: ReadonlySignal<readonly RequestState[]>
  /** Why an answer can't be kept. It is shown all the same, and asked for again, at no cost, by the next panel. */
  readonly problem: ReadonlySignal<ProblemView | undefined>
  /**
   * Reads the requests about a session, or those about none, and goes on with what was left off by who is signed in now.
   * Those that were deleted meanwhile go.
   */
  load(sessionId: string | undefined): Promise<void>
  /**
   * Keeps a request and sends it. Gives its id once it is kept: what comes of it is told in `requests`.
   *
   * @throws {Problem} where it can't be kept, or nobody is signed in; then it is not sent
   */
  send(body: AssistantRequest['body'], sessionId: string | undefined): Promise<string>
  /** Goes on with a request that nobody knows the fate of. */
  tryAgain(operationId: string): void
}

export function createAssistant(ports: AssistantPorts): Assistant {
  const requests = signal<readonly RequestState[]>([])
  const problem = signal<ProblemView>()

  const show = (state: RequestState): void => {
    const before = requests.value.find(known => isSame(known, state))
    requests.value =
      before === undefined
        ? [...requests.value, state].sort((one, other) => one.request.askedAtMs - other.request.askedAtMs)
        : requests.value.map(known => (known === before ? state : known))
    if (before && before.standing.name !== state.standing.name) ports.onSpent()
  }

  /** What was deleted while it was under way stays deleted. */
  const keep = async (request: AssistantRequest): Promise<void> => {
    const stored = await ports.store.requests(request.sessionId)
    if (stored.some(({ operationId }) => operationId === request.operationId)) {
      await ports.store.putRequest(request)
    }
  }

  const run = (state: RequestState): void => {
    runRequest(state, { ...ports, keep }, show).catch((error: unknown) => {
      problem.value = problemOf(error).view
    })
  }

  return {
    requests,
    problem,
    load: async sessionId => {
      const account = await ports.account()
      const stored = await ports.store.requests(sessionId)
      const storedIds = new Set(stored.map(({ operationId }) => operationId))
      requests.value = requests.value.filter(
        state =>
          state.request.sessionId !== sessionId ||
          isUnderWay(state) ||
          storedIds.has(state.request.operationId),
      )
      for (const request of stored) {
        const state = resumed(request, account, ports.nowMs())
        const known = requests.value.find(other => isSame(other, state))
        if (!known || (waitsForAsker(known) && !waitsForAsker(state))) run(state)
      }
    },
    send: async (body, sessionId) => {
      const account = await ports.account()
      if (account === undefined) throw new Problem({ code: 'signed_out', detail: '' })
      const request: AssistantRequest = {
        operationId: ports.newOperationId(),
        account,
        askedAtMs: ports.nowMs(),
        body,
        ...(sessionId === undefined ? {} : { sessionId }),
      }
      await ports.store.putRequest(request)
      run(minted(request))
      return request.operationId
    },
    tryAgain: operationId => {
      const state = requests.value.find(({ request }) => request.operationId === operationId)
      if (state && !isUnderWay(state)) run(triedAgain(state))
    },
  }
}

const isSame = (one: RequestState, other: RequestState): boolean =>
  one.request.operationId === other.request.operationId
