import * as z from 'zod'
import { staffCredits, staffReason } from '../src/contracts/adjustments.ts'
import { type Account, creditsOwned } from '../src/domain/account.ts'
import { type Adjusted, Adjustments } from '../src/domain/adjustments.ts'
import { nodeSecrets } from '../src/security/secrets.ts'
import type { Books } from './books.ts'
import { commandLine, type Operation, type Report } from './command.ts'
import { fieldsOf, paragraphs } from './print.ts'

/** Arguments and options of what moves credits by hand. */
export const movingCredits = {
  who: z.string().min(1),
  credits: z
    .string()
    .regex(/^[+-]?\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(staffCredits),
  reason: z.string('must be given: --reason "…"').pipe(staffReason),
  id: z.uuidv7('must be a UUIDv7').optional(),
}

export const reasonOption = [
  '--reason <text>',
  'why, for the books; it names nobody, since it outlives the account',
] as const
export const idOption = [
  '--id <id>',
  'of a movement that may have been made already: it is made once',
] as const

/** The id under which credits are moved; told beforehand, so that a command whose answer was lost can be repeated. */
export const newMovementId = ({ now, progress }: Operation): string => {
  const id = nodeSecrets.uuid(now())
  progress(`Under the id ${id}. Should this fail halfway, repeat it with --id ${id}.`)
  return id
}

export const adjustmentsOf = (books: Books): Adjustments => new Adjustments(books)

/** What would be done, and how to have it done. */
export const proposed = (
  operation: Operation,
  account: Account,
  move: { readonly credits: number; readonly lapse?: string; readonly command: string },
): Report => {
  const owned = creditsOwned(account, operation.now())
  const data = {
    applied: false,
    user_id: account.userId,
    credits: move.credits,
    lapse_at: move.lapse ?? null,
    owned_before: owned,
    owned_after: owned + move.credits,
  }
  const text = paragraphs(
    fieldsOf({
      Account: account.email,
      Credits: move.credits,
      'Lapse at': move.lapse,
      'It has': owned,
      'It would have': owned + move.credits,
    }),
    `Nothing was changed. To do it: ${commandLine(operation.target, `${move.command} --apply`)}`,
  )
  return { ok: true, text, data }
}

export const done = ({ row, isNew }: Adjusted): Report => ({
  ok: true,
  text: paragraphs(
    isNew ? 'Done.' : 'This had been done before; nothing more was moved.',
    fieldsOf({
      Transaction: row.transactionId,
      Credits: row.credits,
      'Lapse at': row.lapsesAt,
      'Has after it': row.balanceAfter,
      Why: row.reason,
      Who: row.actor,
    }),
  ),
  data: {
    applied: true,
    is_new: isNew,
    transaction_id: row.transactionId,
    user_id: row.userId,
    credits: row.credits,
    lapse_at: row.lapsesAt ?? null,
    balance_after: row.balanceAfter ?? null,
    reason: row.reason ?? null,
    actor: row.actor ?? null,
  },
})
