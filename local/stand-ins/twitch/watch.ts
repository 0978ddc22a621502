import { setTimeout as sleep } from 'node:timers/promises'
import type { onRequestAsyncHookHandler } from 'fastify'
import { type CallKind, takeFailure } from './control.ts'
import { apiError, cdnError, identityError, type TwitchError, usherError } from './errors.ts'
import { tooManyRequests } from './rate-limit.ts'
import type { Service } from './service.ts'

/** After a 429 that was ordered there are points again this soon, so that nobody has to wait out a minute. */
const orderedResetMs = 1_000

/** Counts the calls of a kind, and makes them as slow and as broken as the control says. */
export function watch(
  { control, counts, now }: Pick<Service, 'control' | 'counts' | 'now'>,
  kind: CallKind,
): onRequestAsyncHookHandler {
  return async (request, reply) => {
    const over = counts.begin(kind)
    reply.raw.once('close', over)
    const delayMs = control.delay_ms[kind] ?? 0
    if (delayMs > 0) await sleep(delayMs, undefined, { ref: false })
    const status = takeFailure(control, kind)
    if (status !== undefined) throw orderedFailure(kind, status, request.url, now())
  }
}

function orderedFailure(kind: CallKind, status: number, url: string, nowMs: number): TwitchError {
  const message = `The stand-in was told to answer ${status}.`
  switch (kind) {
    case 'token':
      return identityError(status, message)
    case 'helix':
      return status === 429 ? tooManyRequests(nowMs + orderedResetMs) : apiError(status, message)
    case 'gql':
      return apiError(status, message)
    case 'usher':
      return usherError(status, url, message, 'told_to_fail')
    default:
      return cdnError(status, 'ToldToFail', message)
  }
}
