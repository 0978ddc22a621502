import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import * as z from 'zod'
import { applyOption, commandLine, defineCommand, type Operation, type Report } from '../command.ts'
import { type DeadLetter, isHoldOpen, parseDeadLetter } from '../dead-letter.ts'
import { DeadLetterQueue, type QueuedMessage } from '../dead-letter-queue.ts'
import { counted, moment, paragraphs, tableOf } from '../print.ts'

export const registerRedrive = defineCommand({
  usage: 'redrive',
  description: 'Dead letters: what failed for good. With --apply, runs each again and then deletes it.',
  options: [['--discard', 'with --apply: delete them without running them again']],
  changes: true,
  examples: ['redrive', 'redrive --apply', 'redrive --discard --apply --stage prod'],
  input: z.object({ ...applyOption, discard: z.boolean().default(false) }),
  run: async (operation, { apply, discard }) => {
    const queue = await DeadLetterQueue.of(operation.target)
    try {
      return apply ? await work(operation, queue, discard) : await list(operation, queue)
    } finally {
      queue.close()
    }
  },
})

const list = async ({ target, now }: Operation, queue: DeadLetterQueue): Promise<Report> => {
  const letters = (await queue.peek()).map(message => describe(message, now()))
  const hint =
    'Find out why they failed before you run them again (docs/runbooks/dead-letters.md). Running one again is ' +
    'harmless: what is done is not done twice, and where the credits have been given back nobody is charged.\n' +
    `To run them again: ${commandLine(target, 'redrive --apply')}`
  return {
    ok: letters.length === 0,
    text: paragraphs(show(letters), letters.length > 0 ? hint : undefined),
    data: { dead_letters: letters },
  }
}

const work = async (operation: Operation, queue: DeadLetterQueue, discard: boolean): Promise<Report> => {
  const { target, confirm } = operation
  if (target.isProd || discard) {
    const count = counted(await queue.count(), 'dead letter')
    const what = discard ? `deletes ${count} for good` : `runs ${count} again`
    await confirm({ warning: `This ${what} in ${target.stage}.`, expected: target.stage })
  }
  const done = await settleAll(operation, queue, discard)
  const kept = done.filter(({ outcome }) => outcome === 'kept').length
  return {
    ok: kept === 0,
    text: paragraphs(show(done), kept > 0 ? `${counted(kept, 'message')} ${cantBeRun}` : undefined),
    data: { dead_letters: done },
  }
}

const cantBeRun =
  "can't be run again: this stage has no such function, or it is no record of an invocation. Look at it in the " +
  'console, then delete it: --discard --apply.'

/** One after the other; stopped halfway, the rest is still there, and what was taken comes back after a minute. */
const settleAll = async (
  { target, now, progress }: Operation,
  queue: DeadLetterQueue,
  discard: boolean,
): Promise<readonly Settled[]> => {
  const lambda = new LambdaClient(target.clientOptions('lambda'))
  const done: Settled[] = []
  try {
    for await (const message of queue.takeAll()) {
      const outcome = await settle(message, { target, lambda, discard })
      if (outcome !== 'kept') await queue.delete(message)
      const row = describe(message, now())
      progress(`${row.function} ${row.operation_id ?? row.message_id}: ${outcome}`)
      done.push({ ...row, outcome })
    }
  } finally {
    lambda.destroy()
  }
  return done
}

type Outcome = 'run again' | 'discarded' | 'kept'

/** Only once Lambda has taken the invocation may the message go. */
const settle = async (
  message: QueuedMessage,
  { target, lambda, discard }: { target: Operation['target']; lambda: LambdaClient; discard: boolean },
): Promise<Outcome> => {
  if (discard) return 'discarded'
  const letter = parseDeadLetter(message.body)
  if (!letter?.functionName.startsWith(`live-transcription-${target.stage}-`)) return 'kept'
  await lambda.send(
    new InvokeCommand({
      FunctionName: letter.functionName,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(letter.payload)),
    }),
  )
  return 'run again'
}

interface Row {
  readonly message_id: string
  readonly failed_at: string | null
  readonly function: string
  readonly operation_id: string | null
  readonly credits: string
  readonly why: string
  readonly invocations: number | null
  readonly request_id: string | null
}

type Settled = Row & { readonly outcome: Outcome }

const describe = ({ messageId, body }: QueuedMessage, nowMs: number): Row => {
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

const show = (rows: readonly (Row & { readonly outcome?: Outcome })[]): string =>
  tableOf(
    [
      'Failed',
      'Function',
      'Operation',
      'Credits',
      'Why',
      'Request id',
      ...(rows.some(row => row.outcome) ? ['Now'] : []),
    ],
    rows.map(row => [
      row.failed_at,
      row.function,
      row.operation_id,
      row.credits,
      row.why,
      row.request_id,
      ...(row.outcome === undefined ? [] : [row.outcome]),
    ]),
    'No dead letters.',
  )
