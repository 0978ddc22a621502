import type { AssistantRequest } from '../../transcript/model.ts'
import type { RequestState } from './request-state.ts'

type Kind = AssistantRequest['body']['kind']

export const questionKinds: readonly Kind[] = ['ask']
export const catchupKinds: readonly Kind[] = ['catchup_transcript', 'catchup_channel']

/**
 * What a tab lists of a session, newest first: catch-ups from a channel that was not captioned belong to every session.
 * Of those that failed only the newest is told of: the earlier ones were tried again.
 */
export function historyOf(
  requests: readonly RequestState[],
  kinds: readonly Kind[],
  sessionId: string | undefined,
): RequestState[] {
  return requests
    .filter(({ request }) => kinds.includes(request.body.kind) && belongsTo(request, sessionId))
    .reverse()
    .filter(({ standing }, place) => standing.name !== 'failed' || place === 0)
}

const belongsTo = (request: AssistantRequest, sessionId: string | undefined): boolean =>
  request.sessionId === undefined || request.sessionId === sessionId
