import * as z from 'zod'
import { readTable } from './adopt-tables.ts'
import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'
import type { KeptTable } from './template.ts'

/**
 * Sees that tables can go into service: all are there, go back to any second, and can't be deleted by accident.
 * CloudFormation takes tables in as they are, and AWS Backup makes them without either.
 * @throws {DeployProblem} with what they lack, and the commands that give it to them
 */
export const requireTables = async (session: Session, wanted: readonly KeptTable[]): Promise<void> => {
  const tables = await Promise.all(
    wanted.map(async ({ tableName }) => ({ tableName, ...(await readTable(session, tableName)) })),
  )
  const missing = tables.filter(({ status }) => status !== 'ACTIVE')
  if (missing.length > 0) {
    const list = missing.map(({ tableName, status }) => `${tableName} (${status ?? 'not there'})`).join(', ')
    throw new DeployProblem(`Nothing was changed, for these tables can't be switched to: ${list}`)
  }
  const commands = (await Promise.all(tables.map(table => commandsFor(session, table)))).flat()
  if (commands.length === 0) return
  throw new DeployProblem(
    [
      'Nothing was changed, for tables that serve can go back in time and can not be deleted. Give that to these, then run the same command again:',
      ...commands.map(command => `  ${command}`),
    ].join('\n'),
  )
}

const commandsFor = async (
  session: Session,
  { tableName, isProtected }: { tableName: string; isProtected?: boolean },
): Promise<string[]> => {
  const command = (operation: string, option: string): string =>
    `aws dynamodb ${operation} --table-name ${tableName} ${option} --region ${session.aws.region}`
  const recovery = '--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true'
  return [
    ...((await hasRecovery(session, tableName)) ? [] : [command('update-continuous-backups', recovery)]),
    ...(isProtected ? [] : [command('update-table', '--deletion-protection-enabled')]),
  ]
}

const backupsSchema = z.object({
  ContinuousBackupsDescription: z.object({
    PointInTimeRecoveryDescription: z.object({ PointInTimeRecoveryStatus: z.string() }).optional(),
  }),
})

/** Whether a table can be restored to any second. */
const hasRecovery = async ({ aws }: Session, tableName: string): Promise<boolean> => {
  const { ContinuousBackupsDescription: backups } = await aws.json(
    backupsSchema,
    'dynamodb',
    'describe-continuous-backups',
    '--table-name',
    tableName,
  )
  return backups.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED'
}
