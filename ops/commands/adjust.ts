import * as z from 'zod'
import type { Account } from '../../src/domain/account.ts'
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
import { type Books, booksOf, findListener } from '../books.ts'
import { applyOption, defineCommand, type Operation } from '../command.ts'
import { OpsProblem } from '../problem.ts'
import { shellWord } from '../shell-word.ts'
import { type Records, type StripeCause, stripeCauseOf } from '../stripe-cause.ts'

const stripeId = z
  .string()
  .regex(
    /^(re|pyr|du|dp|cs)_\w+$/,
    'must be the id of a refund, dispute or paid session: re_…, pyr_…, du_…, cs_…',
  )

export const registerAdjust = defineCommand({
  usage: 'adjust <who> <credits>',
  description:
    'Puts credits on a balance, or takes them (-50), never below zero. A row says why and who it was.',
  options: [
    reasonOption,
    [
      '--books <id>',
      'the refund (re_…, pyr_…), dispute (du_…) or paid session (cs_…) at Stripe that it is for: reconcile then knows',
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
    const books = booksOf(operation)
    const account = await findListener(books, who)
    const cause =
      input.books === undefined
        ? undefined
        : await stripeCauseOf(await recordsOf(operation, books), { account, id: input.books, credits })
    const command = `adjust ${shellWord(who)} ${credits} --reason ${shellWord(reason)}${optionsOf(input)}`
    if (!apply) {
      assertEnough(account, credits)
      return proposed(operation, account, { credits, command })
    }
    await confirmAdjustment(operation, account, credits, cause)
    const transaction_id = cause?.transactionId ?? input.id ?? newMovementId(operation)
    const actor = await operation.target.operator()
    const request = { transaction_id, credits, reason, actor }
    return done(await adjustmentsOf(books).adjust(account.userId, request, cause?.paid))
  },
})

const recordsOf = async ({ target }: Operation, { store }: Books): Promise<Records> => {
  const { stage } = target
  const load = wireStripe(await target.config('stripe'))
  return { stage, store, records: new StripePaymentRecords({ load, stage }) }
}

const optionsOf = ({ books, id }: { books?: string | undefined; id?: string | undefined }): string => {
  if (books !== undefined) return ` --books ${books}`
  return id === undefined ? '' : ` --id ${id}`
}

/** For who only asks; the write itself decides. */
const assertEnough = ({ creditsBalance }: Account, credits: number): void => {
  if (credits >= 0 || creditsBalance >= -credits) return
  throw new OpsProblem(`The balance has ${creditsBalance} credits, and an adjustment takes none below zero.`)
}

const confirmAdjustment = async (
  { confirm, target }: Operation,
  account: Account,
  credits: number,
  cause: StripeCause | undefined,
): Promise<void> => {
  const { email } = account
  if (credits < 0) {
    await confirm({
      warning: `This takes ${-credits} credits from ${email} in ${target.stage}.`,
      expected: email,
    })
  }
  if (cause?.paidBy === undefined) return
  const warning = `${cause.paidBy} paid, whose account is gone: this gives the credits to ${email} in ${target.stage}.`
  await confirm({ warning, expected: email })
}
