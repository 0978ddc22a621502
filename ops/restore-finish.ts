import { commandLine, type Operation, type Report } from './command.ts'
import { moment, paragraphs } from './print.ts'
import type { RestorePlan } from './restore-plan.ts'
import { restoreData, restoreText } from './restore-report.ts'
import { isProved, verifyServing } from './restore-verification.ts'
import { compareAccounts } from './table-differences.ts'
import type { TableRecovery } from './table-recovery.ts'

export const switched =
  'They serve now. The former tables stay as they are: delete them once nobody needs them, a week at the earliest.'

const notProved =
  'They serve, and what is above does not add up, or could not all be compared: docs/runbooks/ledger-mismatch.md. ' +
  'The former tables stay as they are.'

/**
 * What is left to do once the restored tables serve: a restore that was broken off after the switch has erased nobody
 * from them whom it should have, and told nothing. One that came to its end finds nothing to do.
 * @throws {OpsProblem} where the former tables are gone
 */
export const finishRestore = async (
  operation: Operation,
  recovery: TableRecovery,
  { atMs, apply }: { readonly atMs: number; readonly apply: boolean },
): Promise<Report> => {
  const { target, progress } = operation
  const plan = await servingPlanOf(operation, recovery, atMs)
  if (!apply) return leftToDo(operation, plan)
  progress(`${serveAlready(atMs)} Comparing them with the former ones, and every payment with Stripe …`)
  const verified = await verifyServing(operation, plan)
  const text = restoreText(target, plan, verified)
  return {
    ok: isProved(verified) && verified.notErased.length === 0,
    text: paragraphs(text, isProved(verified) ? switched : notProved),
    data: restoreData(plan, verified, true),
  }
}

const servingPlanOf = async (
  { target }: Operation,
  recovery: TableRecovery,
  atMs: number,
): Promise<RestorePlan> => {
  const { users, usage, transactions } = target.database.tables
  const from = {
    users: await recovery.sourceOf(users),
    usage: await recovery.sourceOf(usage),
    transactions: await recovery.sourceOf(transactions),
  }
  return { atMs, suffix: target.tablesSuffix, from, to: { users, usage, transactions } }
}

const leftToDo = async ({ target }: Operation, { atMs, suffix, from }: RestorePlan): Promise<Report> => {
  const { client, tables } = target.database
  const { erased } = await compareAccounts(target.database, { client, tables: { ...tables, ...from } })
  return {
    ok: erased.length === 0,
    text: paragraphs(
      serveAlready(atMs),
      erased.length === 0
        ? 'Nobody is left in them who was erased from the former ones.'
        : `Left in them, and erased from the former ones:\n${erased.map(id => `  ${id}`).join('\n')}`,
      `To erase whoever is left, and to see what they lack: ${commandLine(target, `restore --at ${moment(atMs)} --apply`)}`,
    ),
    data: { at: moment(atMs), suffix, switched: true, to_erase: erased },
  }
}

const serveAlready = (atMs: number): string => `The tables of ${moment(atMs)} serve already.`
