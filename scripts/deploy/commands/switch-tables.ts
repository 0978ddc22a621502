import { rm } from 'node:fs/promises'
import { importTables, namesOfTables, switchingRelease } from '../adopt-tables.ts'
import { approve, type Consent } from '../approve.ts'
import type { Arguments } from '../arguments.ts'
import { ensureArtifactsBucket } from '../artifacts.ts'
import { createChangeSet, executeChangeSet } from '../change-sets.ts'
import { type Change, lossOf } from '../changes.ts'
import { check } from '../checks.ts'
import { readTemplate } from '../deployed-template.ts'
import { DeployProblem } from '../problem.ts'
import { uploadTemplate } from '../releases.ts'
import { requireServing } from '../require-serving.ts'
import { requireTables } from '../require-tables.ts'
import type { Session } from '../session.ts'
import type { Stack } from '../stacks.ts'
import {
  canonicalJson,
  type KeptTable,
  keptTables,
  onlyResources,
  releaseOutput,
  type Template,
  withoutResources,
} from '../template.ts'
import { deployReady } from './deploy.ts'

/**
 * `./deploy.sh <stage> switch-tables <suffix>`: puts tables that were restored under other names in the place of those
 * that serve. CloudFormation can't rename a table, so the old ones leave the stack (they stay), the others are taken in
 * under the same logical ids, and a deployment tells the functions their names. Each step is told from what the stack
 * has, so that the command goes on where it was broken off.
 */
export const switchTables = async (session: Session, args: Arguments): Promise<void> => {
  const suffix = readSuffix(args.operand ?? '')
  const ready = await check(session, args)
  if (ready.account === undefined) {
    throw new DeployProblem('Tables can only be switched with access to AWS.')
  }
  const stack = await requireServing(session)
  const wanted = await wantedTables(session, ready.settings.plain, suffix)
  await requireTables(session, wanted.tables)
  warnOfOtherVersion(session, stack, ready.settings.version)

  const template = await readTemplate(session.aws, stack.name)
  const current = keptTables(template)
  const isIn = wanted.tables.every(({ tableName }) => current.some(table => table.tableName === tableName))
  if (args.dryRun) {
    session.say(isIn ? 'The tables are in the stack.' : describe(current, wanted.tables))
    return
  }
  if (!isIn) await exchange(session, args, stack, template, wanted)
  session.say('Telling the functions the names of the tables …')
  await deployReady(
    session,
    args,
    { ...ready, account: { ...ready.account, stack: await requireServing(session) } },
    suffix,
  )
  if (suffix !== '') session.say(whoIsLeft(session, suffix))
}

/** Whoever gave the command by hand: a restore goes on with it by itself. */
const whoIsLeft = ({ stage, aws }: Session, suffix: string): string =>
  'Whoever was erased from the former tables since they were restored is taken out of these by:\n' +
  `  npm run ops -- restore --at ${momentOf(suffix)} --apply --stage ${stage} --region ${aws.region}`

/** -r20261129120000 is 2026-11-29T12:00:00Z. */
const momentOf = (suffix: string): string =>
  suffix.replace(/^-r(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6Z')

const readSuffix = (operand: string): string => {
  if (operand === 'original') return ''
  const suffix = operand.startsWith('-') ? operand : `-${operand}`
  if (/^-r\d{14}$/.test(suffix)) return suffix
  throw new DeployProblem(
    `"${operand}" is no suffix of restored tables: those read -r20261129120000, and "original" stands for none.`,
  )
}

interface WantedTables {
  readonly tables: readonly KeptTable[]
  /** A template that defines them. */
  readonly template: Template
}

const wantedTables = async (
  { packageStage, stage, aws }: Session,
  variables: Readonly<Record<string, string>>,
  suffix: string,
): Promise<WantedTables> => {
  const { compiled, directory } = await packageStage({
    stage,
    region: aws.region,
    variables: { ...variables, TABLES_SUFFIX: suffix },
  })
  await rm(directory, { recursive: true, force: true })
  return { tables: keptTables(compiled), template: compiled }
}

const warnOfOtherVersion = ({ say }: Session, stack: Stack, version: string): void => {
  const serving = stack.outputs.Version
  if (serving === version) return
  say(
    `  note: version ${serving ?? 'unknown'} serves, and this directory has ${version}: that goes into service too.`,
  )
}

const describe = (current: readonly KeptTable[], wanted: readonly KeptTable[]): string =>
  `These would leave the stack and stay: ${namesOfTables(current)}\nThese would take their place: ${namesOfTables(wanted)}`

const exchange = async (
  session: Session,
  args: Arguments,
  stack: Stack,
  template: Template,
  wanted: WantedTables,
): Promise<void> => {
  const bucket = await ensureArtifactsBucket(session)
  const ids = wanted.tables.map(({ logicalId }) => logicalId)
  const without = asSwitching(withoutResources(template, ids))
  if (ids.some(id => template.Resources[id] !== undefined)) {
    session.say('The tables that serve leave the stack. They stay, and go on serving:')
    const changeSet = await createChangeSet(session, {
      stackName: stack.name,
      type: 'UPDATE',
      templateUrl: await uploadTemplate(session, bucket, 'without-tables', canonicalJson(without)),
      secretsVersion: 'previous',
    })
    if (changeSet) await approve(session, changeSet, consentOf(args, changeSet.changes))
    if (changeSet) await executeChangeSet(session, changeSet)
  }
  session.say('The restored tables are taken in:')
  await importTables(session, args, bucket, {
    base: without,
    // A restore has given them all that a table of the service has.
    definitions: onlyResources(wanted.template, ids),
    tables: wanted.tables,
  })
}

/** The tables leave the stack because that was asked for, and stay: `--yes` is enough where nothing else is at stake. */
const consentOf = ({ yes, allowDataLoss }: Arguments, changes: readonly Change[]): Consent => ({
  yes,
  allowDataLoss: allowDataLoss || (yes && !changes.some(change => lossOf(change) && !isKeptTable(change))),
})

const isKeptTable = ({ Action, ResourceType, PolicyAction }: Change): boolean =>
  Action === 'Remove' && ResourceType === 'AWS::DynamoDB::Table' && PolicyAction === 'Retain'

/** Whatever deployment comes next must not take it for a release that is whole. */
const asSwitching = (template: Template): Template => ({
  ...template,
  Outputs: { ...template.Outputs, [releaseOutput]: { Value: switchingRelease } },
})
