import { type DeadLetter, isHoldOpen, parseDeadLetter } from './dead-letter.ts'
import type { QueuedMessage } from './dead-letter-queue.ts'
import { moment, tableOf } from './print.ts'

/** What became of a dead letter. */
export type Outcome = 'run again' | 'discarded' | 'kept'

/** What is told of a dead letter: nothing of what it holds. */
export interface DeadLetterRow {
  readonly message_id: string
  readonly failed_at: string | null
  readonly function: string
  readonly operation_id: string | null
  readonly credits: string
  readonly why: string
  readonly invocations: number | null
  readonly request_id: string | null
  /** Once something was done with it. */
  readonly outcome?: Outcome
}

export const describe = ({ messageId, body }: QueuedMessage, nowMs: number): DeadLetterRow => {
  const letter = parseDeadLetter(body)
  if (!letter) {
    return {
      message_id: messageId,
      failed_at: null,
      function: 'unknown',
      operation_id: null,
      credits: '–',
      why: 'no record of an invocation',
      invocations: null,
      request_id: null,
    }
  }
  return {
    message_id: messageId,
    failed_at: moment(letter.failedAtMs),
    function: letter.functionName,
    operation_id: letter.operationId ?? null,
    credits: creditsOf(letter, nowMs),
    why: letter.reason,
    invocations: letter.invocations,
    request_id: letter.requestId,
  }
}

const creditsOf = (letter: DeadLetter, nowMs: number): string => {
  if (letter.holdExpiresAtMs === undefined) return '–'
  return isHoldOpen(letter, nowMs) ? `held until ${moment(letter.holdExpiresAtMs)}` : 'given back'
}

/** For people. */
export const show = (rows: readonly DeadLetterRow[]): string =>
  tableOf(
    [
      'Failed',
      'Function',
      'Operation (or message)',
      'Credits',
      'Why',
      'Request id',
      ...(rows.some(row => row.outcome) ? ['Now'] : []),
    ],
    rows.map(row => [
      row.failed_at,
      row.function,
      row.operation_id ?? row.message_id,
      row.credits,
      row.why,
      row.request_id,
      ...(row.outcome === undefined ? [] : [row.outcome]),
    ]),
    'No dead letters.',
  )
