import * as z from 'zod'
import {
  adjustmentsOf,
  done,
  idOption,
  movingCredits,
  newMovementId,
  proposed,
  reasonOption,
} from '../adjust-credits.ts'
import { booksOf, findListener } from '../books.ts'
import { applyOption, defineCommand } from '../command.ts'
import { UsageProblem } from '../problem.ts'
import { shellWord } from '../shell-word.ts'

/** A day, which ends at its midnight in UTC, or a moment. */
const expires = z.union(
  [
    z.iso.date().transform(day => `${day}T23:59:59Z`),
    z.iso.datetime({ offset: true }).transform(time => new Date(time).toISOString()),
  ],
  'must be a day or a moment: --expires 2026-12-31',
)

export const registerGrant = defineCommand({
  usage: 'grant <who> <credits>',
  description: 'Gives credits that lapse; they are spent before the balance. A row says why and who it was.',
  options: [
    ['--expires <date>', 'when they lapse: a day (its end, in UTC) or a moment'],
    reasonOption,
    idOption,
  ],
  changes: true,
  examples: ['grant ann@example.com 500 --expires 2026-12-31 --reason "Sorry for Friday" --apply'],
  input: z.object({ ...applyOption, ...movingCredits, expires }),
  run: async (operation, input) => {
    const { who, credits, reason, id, apply, expires: expires_at } = input
    if (credits <= 0) throw new UsageProblem('credits must be above 0. To take some: adjust')
    if (Date.parse(expires_at) <= operation.now()) throw new UsageProblem('expires must be in the future')
    const books = booksOf(operation)
    const account = await findListener(books, who)
    const command = `grant ${shellWord(who)} ${credits} --expires ${expires_at} --reason ${shellWord(reason)}${id === undefined ? '' : ` --id ${id}`}`
    if (!apply) return proposed(operation, account, { credits, lapse: expires_at, command })
    const transaction_id = id ?? newMovementId(operation)
    const actor = await operation.target.operator()
    const request = { transaction_id, credits, reason, actor, expires_at }
    return done(await adjustmentsOf(books).grant(account.userId, request))
  },
})
