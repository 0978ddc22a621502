import type { Segment } from '../../../src/contracts/transcription.ts'
import type { Api } from '../../api/client.ts'
import { problemOf } from '../../messages/problem.ts'
import type { AssistantRequest } from '../../transcript/model.ts'
import {
  afterAcceptance,
  afterAnswer,
  afterPoll,
  afterProblem,
  isSettled,
  type RequestState,
} from './request-state.ts'

export interface RunPorts {
  /** The backend, for one account alone: it throws `signed_out` where that one is not signed in. */
  apiOf(account: string): Pick<Api, 'ask' | 'catchup' | 'catchupState'>
  /** What was said in the stretch that a request is about: the same each time. */
  segmentsOf(request: AssistantRequest): Promise<Segment[]>
  /** Keeps the answer or the failure. */
  keep(request: AssistantRequest): Promise<void>
  nowMs(): number
  wait(ms: number): Promise<void>
}

/**
 * Does what is to be done about a request until it is settled or waits for the listener. The request is kept already.
 *
 * @param onChange is told of each step
 */
export async function runRequest(
  begin: RequestState,
  ports: RunPorts,
  onChange: (state: RequestState) => void,
): Promise<void> {
  let state = begin
  onChange(state)
  while (state.next !== undefined) {
    await ports.wait(state.next.afterMs)
    state = await step(state, state.next.action, ports)
    onChange(state)
    if (isSettled(state)) await ports.keep(state.request)
  }
}

async function step(state: RequestState, action: 'post' | 'poll', ports: RunPorts): Promise<RequestState> {
  try {
    if (action === 'post') return await post(state, ports)
    const { account, operationId } = state.request
    return afterPoll(state, await ports.apiOf(account).catchupState(operationId))
  } catch (error) {
    return afterProblem(state, problemOf(error).view, ports.nowMs())
  }
}

async function post(state: RequestState, { apiOf, segmentsOf }: RunPorts): Promise<RequestState> {
  const { request } = state
  const api = apiOf(request.account)
  const { operationId, body } = request
  switch (body.kind) {
    case 'ask':
      return afterAnswer(
        state,
        await api.ask(operationId, { question: body.question, segments: await segmentsOf(request) }),
      )
    case 'catchup_transcript':
      return afterAcceptance(state, await api.catchup(operationId, { segments: await segmentsOf(request) }))
    case 'catchup_channel':
      return afterAcceptance(
        state,
        await api.catchup(operationId, { channel: body.channel, minutes: body.minutes }),
      )
  }
}
