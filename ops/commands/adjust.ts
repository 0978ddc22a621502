import * as z from 'zod'
import type { Account } from '../../src/domain/account.ts'
import { madeUpRowId } from '../../src/domain/payments-check.ts'
import { StripePaymentRecords } from '../../src/upstream/stripe/payment-records.ts'
import { wireStripe } from '../../src/wiring/stripe.ts'
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
import { applyOption, defineCommand, type Operation } from '../command.ts'
import { OpsProblem, UsageProblem } from '../problem.ts'
import { shellWord } from '../shell-word.ts'

const stripeId = z
  .string()
  .regex(/^(re|du|dp|cs)_\w+$/, 'must be the id of a refund, dispute or paid session: re_…, du_…, cs_…')

export const registerAdjust = defineCommand({
  usage: 'adjust <who> <credits>',
  description:
    'Puts credits on a balance, or takes them (-50), never below zero. A row says why and who it was.',
  options: [
    reasonOption,
    [
      '--books <id>',
      'the refund (re_…), dispute (du_…) or paid session (cs_…) at Stripe that it is for: reconcile then knows',
    ],
    idOption,
  ],
  changes: true,
  examples: [
    'adjust ann@example.com 200 --reason "Captions failed on Friday"',
    'adjust ann@example.com -500 --reason "Refunded" --books re_3PqR --apply --stage prod',
  ],
  input: z
    .object({ ...applyOption, ...movingCredits, books: stripeId.optional() })
    .refine(
      ({ books, id }) => books === undefined || id === undefined,
      '--books is the id itself: leave --id out',
    ),
  run: async (operation, input) => {
    const { who, credits, reason, apply } = input
    const cause = input.books && causeOf(input.books, credits)
    const books = booksOf(operation)
    const account = await findListener(books, who)
    if (input.books !== undefined) await assertTheirs(operation, account, input.books)
    const command = `adjust ${shellWord(who)} ${credits} --reason ${shellWord(reason)}${optionsOf(input)}`
    if (!apply) {
      assertEnough(account, credits)
      return proposed(operation, account, { credits, command })
    }
    if (credits < 0) await confirmTaking(operation, account, credits)
    const transaction_id = cause ?? input.id ?? newMovementId(operation)
    const actor = await operation.target.operator()
    return done(await adjustmentsOf(books).adjust(account.userId, { transaction_id, credits, reason, actor }))
  },
})

/** As the row of a webhook would be named. A dispute that was won gives back what it took. */
const causeOf = (id: string, credits: number): string => {
  if (id.startsWith('cs_')) {
    if (credits > 0) return madeUpRowId(id)
    throw new UsageProblem('a payment gives credits')
  }
  if (!id.startsWith('re_')) return `dispute#${id}#${credits <= 0 ? 'withdrawn' : 'reinstated'}`
  if (credits <= 0) return `refund#${id}`
  throw new UsageProblem('a refund takes credits: give them with a minus')
}

const optionsOf = ({ books, id }: { books?: string | undefined; id?: string | undefined }): string => {
  if (books !== undefined) return ` --books ${books}`
  return id === undefined ? '' : ` --id ${id}`
}

/** Nobody's credits are taken for somebody else's refund, or given for somebody else's payment. */
const assertTheirs = async ({ target }: Operation, account: Account, id: string): Promise<void> => {
  const load = wireStripe(await target.config('stripe'))
  const records = new StripePaymentRecords({ load, stage: target.stage })
  const found = await (id.startsWith('cs_') ? paidSession(records, id) : records.takenBack(id))
  if (found?.userId === account.userId) return
  throw new OpsProblem(
    found
      ? `${id} is about a payment of ${found.userId}. Nothing was changed.`
      : `Stripe knows no ${id} about a payment in ${target.stage}. Nothing was changed.`,
  )
}

const paidSession = async (records: StripePaymentRecords, id: string) => {
  const session = await records.session(id)
  return session?.isPaid ? session : undefined
}

/** For who only asks; the write itself decides. */
const assertEnough = ({ creditsBalance }: Account, credits: number): void => {
  if (credits >= 0 || creditsBalance >= -credits) return
  throw new OpsProblem(`The balance has ${creditsBalance} credits, and an adjustment takes none below zero.`)
}

const confirmTaking = async ({ confirm, target }: Operation, account: Account, credits: number) =>
  confirm({
    warning: `This takes ${-credits} credits from ${account.email} in ${target.stage}.`,
    expected: account.email,
  })
