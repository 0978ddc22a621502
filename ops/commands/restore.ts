import * as z from 'zod'
import { applyOption, commandLine, defineCommand, type Operation, type Report } from '../command.ts'
import { moment, paragraphs, tableOf } from '../print.ts'
import { UsageProblem } from '../problem.ts'
import { finishRestore, switched } from '../restore-finish.ts'
import {
  ledgerTables,
  problemOfTime,
  type RestorePlan,
  suffixOf,
  underSuffix,
  wholeSecond,
} from '../restore-plan.ts'
import { restoreData, restoreText } from '../restore-report.ts'
import { eraseLate, isProved, verify } from '../restore-verification.ts'
import { switchTables } from '../switch-tables.ts'
import { type RestoredTable, TableRecovery } from '../table-recovery.ts'

export const registerRestore = defineCommand({
  usage: 'restore',
  description:
    'The ledger as it was: restores its tables beside those that serve, verifies them, and switches to them.',
  options: [['--at <time>', 'the moment, such as 2026-11-29T12:00:00Z']],
  changes: true,
  examples: [
    'restore --at 2026-11-29T12:00:00Z',
    'restore --at 2026-11-29T12:00:00Z --apply',
    'restore --at 2026-11-29T12:00:00Z --apply --stage prod',
  ],
  input: z.object({
    ...applyOption,
    at: z.iso
      .datetime({ offset: true, error: 'must be a moment such as 2026-11-29T12:00:00Z' })
      .transform(text => wholeSecond(Date.parse(text))),
  }),
  run: async (operation, { apply, at }) => {
    const recovery = new TableRecovery(operation.target)
    try {
      if (suffixOf(at) === operation.target.tablesSuffix)
        return await finishRestore(operation, recovery, { atMs: at, apply })
      const plan = await planOf(operation, recovery, at)
      return apply ? await restore(operation, recovery, plan) : planned(operation, plan)
    } finally {
      recovery.close()
    }
  },
})

interface Plan extends RestorePlan {
  /** What is there already, of the tables that are to be made. */
  readonly found: Readonly<Record<string, RestoredTable | undefined>>
}

const planOf = async ({ target, now }: Operation, recovery: TableRecovery, atMs: number): Promise<Plan> => {
  const suffix = suffixOf(atMs)
  const { users, usage, transactions } = target.database.tables
  const from = { users, usage, transactions }
  const to = underSuffix(from, target.tablesSuffix, suffix)
  const windows = await Promise.all(ledgerTables.map(table => recovery.windowOf(from[table])))
  const problem = problemOfTime(atMs, windows, now())
  if (problem !== undefined) throw new UsageProblem(`${moment(atMs)} ${problem}.`)
  const found = await Promise.all(ledgerTables.map(table => recovery.find(to[table], from[table])))
  return {
    atMs,
    suffix,
    from,
    to,
    found: Object.fromEntries(ledgerTables.map((table, at) => [table, found[at]])),
  }
}

const planned = ({ target }: Operation, plan: Plan): Report => {
  const rows = ledgerTables.map(table => [plan.from[table], plan.to[table], stateOf(plan.found[table])])
  return {
    ok: true,
    text: paragraphs(
      tableOf(['From', 'To', 'Now'], rows),
      'With --apply these tables are made as they were then and verified; then you are asked whether to switch. ' +
        'Those that serve now stay as they are.',
      `To do it: ${commandLine(target, `restore --at ${moment(plan.atMs)} --apply`)}`,
    ),
    data: {
      at: moment(plan.atMs),
      suffix: plan.suffix,
      tables: rows.map(([from, to, now]) => ({ from, to, now })),
    },
  }
}

const stateOf = (table: RestoredTable | undefined): string => {
  if (!table) return 'not there yet'
  return table.isActive ? 'restored already' : 'being restored'
}

const restore = async (operation: Operation, recovery: TableRecovery, plan: Plan): Promise<Report> => {
  const { target, confirm, progress } = operation
  await confirm({
    warning: `This makes the tables of ${moment(plan.atMs)} in ${target.stage}, beside those that serve.`,
    expected: target.stage,
  })
  await makeTables(operation, recovery, plan)
  progress('Verifying them: every account is proved, every payment compared with Stripe …')
  const verified = await verify(operation, plan)
  const text = restoreText(target, plan, verified)
  if (!isProved(verified)) {
    return { ok: false, text: paragraphs(text, notProved), data: restoreData(plan, verified, false) }
  }
  await confirm({
    warning: `${text}\n\nFrom now on ${target.stage} uses these tables; what was written since ${moment(plan.atMs)} stays in the old ones.`,
    expected: plan.suffix,
  })
  progress('Switching …')
  const problem = await switchTables(operation, plan.suffix)
  progress('They serve now. Should what follows be broken off, give the same command again.')
  const serving = await eraseLate(operation, plan, verified)
  return {
    ok: problem === undefined && serving.notErased.length === 0,
    text: paragraphs(
      restoreText(target, plan, serving),
      problem && `Switching did not end well: ${problem}`,
      switched,
    ),
    data: { ...restoreData(plan, serving, true), problem: problem ?? null },
  }
}

/** Says again what is left to do, so that a run that was stopped can be repeated. */
const makeTables = async (
  { progress }: Operation,
  recovery: TableRecovery,
  { atMs, from, to, found }: Plan,
): Promise<void> => {
  for (const table of ledgerTables) {
    if (found[table]) continue
    progress(`Restoring ${from[table]} as ${to[table]} …`)
    await recovery.begin(from[table], to[table], atMs)
  }
  const names = ledgerTables.map(table => to[table])
  await recovery.untilActive(names, left => progress(`Waiting for ${left.join(', ')} …`))
  for (const table of ledgerTables) await recovery.protect(from[table], to[table])
}

const notProved =
  'They can not be switched to: what is above does not add up. A restore is to the second, and not of all tables at ' +
  'one instant: try one second earlier or later. Where the fault is older, go back further.'
