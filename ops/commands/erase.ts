import * as z from 'zod'
import type { ErasureReport } from '../../src/domain/erasure.ts'
import { booksOf, findListener } from '../books.ts'
import { applyOption, commandLine, defineCommand, type Operation, type Report } from '../command.ts'
import { erasureOf, longestRequestMs } from '../erasure.ts'
import { fieldsOf, paragraphs } from '../print.ts'
import { shellWord } from '../shell-word.ts'

export const registerErase = defineCommand({
  usage: 'erase <who>',
  description:
    'Takes a listener out of all that is kept, for good. The ledger stays, by an id that leads to nobody.',
  changes: true,
  examples: ['erase ann@example.com', 'erase ann@example.com --apply --stage prod'],
  input: z.object({ ...applyOption, who: z.string().min(1) }),
  run: async (operation, { who, apply }) => {
    const books = booksOf(operation)
    const account = await findListener(books, who)
    const erasure = await erasureOf(operation.target, books, longestRequestMs(operation.target))
    const plan = await erasure.plan(account.userId)
    if (!apply || plan.wasErased) return told(operation, plan, { who, applied: false })
    await operation.confirm({
      warning: `This erases ${account.email} in ${operation.target.stage}. It can't be undone.`,
      expected: account.email,
    })
    operation.progress('Closed first; then what was let in before has its time to end.')
    return told(operation, await erasure.run(account.userId), { who, applied: true })
  },
})

const told = (
  { target }: Operation,
  report: ErasureReport,
  { who, applied }: { readonly who: string; readonly applied: boolean },
): Report => {
  const data = {
    applied,
    user_id: report.userId,
    was_erased: report.wasErased,
    operations: report.operations,
    transcripts: report.transcripts,
    stripe_customers: report.stripeCustomers,
    credits_left: report.creditsLeft,
  }
  const counts = fieldsOf({
    'User id': report.userId,
    'Operations without their content': report.operations,
    'Transcripts at AssemblyAI': report.transcripts,
    'Customers at Stripe': report.stripeCustomers,
    'Credits that nobody can spend': report.creditsLeft,
  })
  return {
    ok: true,
    text: paragraphs(
      counts,
      conclusion(report, applied, commandLine(target, `erase ${shellWord(who)} --apply`)),
    ),
    data,
  }
}

const conclusion = ({ wasErased }: ErasureReport, applied: boolean, command: string): string => {
  if (wasErased) return 'This account had been erased before.'
  if (!applied) return `Nothing was changed. To erase it: ${command}`
  return 'Erased. Backups keep it for at most 35 days more (docs/runbooks/listener-data.md).'
}
