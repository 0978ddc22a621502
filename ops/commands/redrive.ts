import { InvokeCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda'
import * as z from 'zod'
import { applyOption, commandLine, defineCommand, type Operation, type Report } from '../command.ts'
import { parseDeadLetter } from '../dead-letter.ts'
import { DeadLetterQueue, type QueuedMessage } from '../dead-letter-queue.ts'
import { type DeadLetterRow, describe, type Outcome, show } from '../dead-letter-report.ts'
import { counted, paragraphs } from '../print.ts'
import { shellWord } from '../shell-word.ts'

export const registerRedrive = defineCommand({
  usage: 'redrive',
  description: 'Dead letters: what failed for good. With --apply, runs each again and then deletes it.',
  options: [
    ['--only <id>', 'the one of this operation, message or request'],
    ['--discard', 'with --apply: delete them without running them again'],
  ],
  changes: true,
  examples: [
    'redrive',
    'redrive --apply',
    'redrive --only 01937a4e-5c00-7b3a-9f21-2c6a1d0e8f44 --discard --apply --stage prod',
  ],
  input: z.object({
    ...applyOption,
    only: z.string().min(1).optional(),
    discard: z.boolean().default(false),
  }),
  run: (operation, input) => redrive(operation, input),
})

interface Wanted {
  /** Of this operation, message or request. */
  readonly only?: string | undefined
  readonly discard: boolean
}

/** Lists the dead letters that are wanted; with `apply` runs each again or deletes it. */
export const redrive = async (
  operation: Operation,
  { apply, ...wanted }: Wanted & { readonly apply: boolean },
): Promise<Report> => {
  const queue = await DeadLetterQueue.of(operation.target)
  try {
    return apply ? await work(operation, queue, wanted) : await list(operation, queue, wanted)
  } finally {
    queue.close()
  }
}

const isWanted = (row: DeadLetterRow, { only }: Wanted): boolean =>
  only === undefined || [row.operation_id, row.message_id, row.request_id].includes(only)

const list = async ({ target, now }: Operation, queue: DeadLetterQueue, wanted: Wanted): Promise<Report> => {
  const rows = (await queue.peek())
    .map(message => describe(message, now()))
    .filter(row => isWanted(row, wanted))
  return {
    ok: rows.length === 0,
    text: paragraphs(show(rows), rows.length > 0 ? hintFor(target, wanted) : undefined),
    data: { dead_letters: rows },
  }
}

const hintFor = (target: Operation['target'], { only, discard }: Wanted): string => {
  const those = only === undefined ? 'them' : 'it'
  const flags = `${only === undefined ? '' : ` --only ${shellWord(only)}`}${discard ? ' --discard' : ''}`
  const command = commandLine(target, `redrive${flags} --apply`)
  if (discard) return `To delete ${those}: ${command}`
  return `${beforeRunning}\nTo run ${those} again: ${command}`
}

const beforeRunning =
  'Find out why they failed before you run them again (docs/runbooks/dead-letters.md). Running one again is ' +
  'harmless: what is done is not done twice, and where the credits have been given back nobody is charged.'

const work = async (operation: Operation, queue: DeadLetterQueue, wanted: Wanted): Promise<Report> => {
  const { target } = operation
  if (target.isProd || wanted.discard) await confirmWork(operation, queue, wanted)
  const done = await settleAll(operation, queue, wanted)
  const kept = done.filter(({ outcome }) => outcome === 'kept').length
  return {
    ok: kept === 0,
    text: paragraphs(show(done), kept > 0 ? `${counted(kept, 'message')} ${cantBeRun}` : undefined),
    data: { dead_letters: done },
  }
}

const confirmWork = async (
  { target, confirm }: Operation,
  queue: DeadLetterQueue,
  { only, discard }: Wanted,
): Promise<void> => {
  const letters =
    only === undefined ? counted(await queue.count(), 'dead letter') : `the dead letter of ${only}`
  const what = discard ? `deletes ${letters} for good` : `runs ${letters} again`
  await confirm({ warning: `This ${what} in ${target.stage}.`, expected: target.stage })
}

const cantBeRun =
  "can't be run again: this stage has no such function, or it is no record of an invocation. Look at it in the " +
  'console, then delete it: --only <id> --discard --apply.'

/** One after the other; stopped halfway, the rest is still there, and what was taken comes back after a minute. */
const settleAll = async (
  { target, now, progress }: Operation,
  queue: DeadLetterQueue,
  wanted: Wanted,
): Promise<readonly DeadLetterRow[]> => {
  const lambda = new LambdaClient(target.clientOptions('lambda'))
  const done: DeadLetterRow[] = []
  const left: QueuedMessage[] = []
  try {
    for await (const message of queue.takeAll()) {
      const row = describe(message, now())
      const outcome = isWanted(row, wanted) ? await settle(message, { target, lambda, ...wanted }) : undefined
      if (outcome === undefined || outcome === 'kept') left.push(message)
      else await queue.delete(message)
      if (outcome === undefined) continue
      progress(`${row.function} ${row.operation_id ?? row.message_id}: ${outcome}`)
      done.push({ ...row, outcome })
    }
    await queue.putBack(left)
  } finally {
    lambda.destroy()
  }
  return done
}

/** Only once Lambda has taken the invocation may the message go. */
const settle = async (
  message: QueuedMessage,
  { target, lambda, discard }: { target: Operation['target']; lambda: LambdaClient; discard: boolean },
): Promise<Outcome> => {
  if (discard) return 'discarded'
  const letter = parseDeadLetter(message.body)
  if (!letter?.functionName.startsWith(`live-transcription-${target.stage}-`)) return 'kept'
  const invocation = new InvokeCommand({
    FunctionName: letter.functionName,
    InvocationType: 'Event',
    Payload: Buffer.from(JSON.stringify(letter.payload)),
  })
  try {
    await lambda.send(invocation)
    return 'run again'
  } catch (error) {
    // A function that a later deployment no longer has.
    if (error instanceof ResourceNotFoundException) return 'kept'
    throw error
  }
}
