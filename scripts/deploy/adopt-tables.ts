import * as z from 'zod'
import { approve, type Consent } from './approve.ts'
import { AwsError } from './aws-cli.ts'
import { createChangeSet, executeChangeSet } from './change-sets.ts'
import { readTemplate } from './deployed-template.ts'
import { DeployProblem } from './problem.ts'
import { uploadTemplate } from './releases.ts'
import type { Session } from './session.ts'
import { isServing, readResources, type Stack } from './stacks.ts'
import { namesOf } from './stage.ts'
import {
  canonicalJson,
  type KeptTable,
  keptTables,
  onlyResources,
  type Template,
  withResources,
} from './template.ts'

const tableSchema = z.object({
  Table: z.object({ TableStatus: z.string(), DeletionProtectionEnabled: z.boolean().default(false) }),
})

export interface ExistingTable {
  /** DynamoDB's own word, such as ACTIVE. */
  readonly status: string
  readonly isProtected: boolean
}

/** A table; undefined when there is none of that name. */
export const readTable = async ({ aws }: Session, tableName: string): Promise<ExistingTable | undefined> => {
  try {
    const { Table } = await aws.json(tableSchema, 'dynamodb', 'describe-table', '--table-name', tableName)
    return { status: Table.TableStatus, isProtected: Table.DeletionProtectionEnabled }
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined
    throw error
  }
}

/** The release of a stack that a switch of tables has not finished with. */
export const switchingRelease = 'switching-tables'

/**
 * Takes tables into the stack that a template has, that exist, and that the stack lacks: those that `remove` or a failed
 * first deployment left, and those of a switch that was broken off. CloudFormation would fail to make them again.
 * @returns whether there is a stack now
 */
export const adoptTables = async (
  session: Session,
  consent: Consent,
  bucket: string,
  template: Template,
  stack: Stack | undefined,
): Promise<boolean> => {
  const base = isServing(stack) ? stack : undefined
  const isWhole = base?.outputs.Release !== undefined && base.outputs.Release !== switchingRelease
  if (isWhole) return true
  const present = base ? await readResources(session.aws, base.name) : []
  const absent = keptTables(template).filter(
    ({ logicalId }) => !present.some(resource => resource.LogicalResourceId === logicalId),
  )
  const tables = await existing(session, absent)
  if (tables.length === 0) return base !== undefined
  session.say(`There are tables already, which are taken in: ${namesOfTables(tables)}`)
  const ids = tables.map(({ logicalId }) => logicalId)
  await importTables(session, consent, bucket, {
    base: base && (await readTemplate(session.aws, base.name)),
    definitions: onlyResources(template, ids),
    tables,
  })
  return true
}

/** For people to read. */
export const namesOfTables = (tables: readonly KeptTable[]): string =>
  tables.map(({ tableName }) => tableName).join(', ') || 'none'

const existing = async (session: Session, tables: readonly KeptTable[]): Promise<KeptTable[]> => {
  const found: KeptTable[] = []
  for (const table of tables) {
    if ((await readTable(session, table.tableName)) !== undefined) found.push(table)
  }
  return found
}

export interface TableImport {
  /** The stack's template; undefined where there is no stack yet. */
  readonly base: Template | undefined
  /** The tables alone. */
  readonly definitions: Template
  readonly tables: readonly KeptTable[]
}

/** Takes tables that exist into the stage's stack. An import may change nothing else. */
export const importTables = async (
  session: Session,
  consent: Consent,
  bucket: string,
  { base, definitions, tables }: TableImport,
): Promise<void> => {
  const template = base ? withResources(base, definitions.Resources) : definitions
  const changeSet = await createChangeSet(session, {
    stackName: namesOf(session.stage).stack,
    type: 'IMPORT',
    templateUrl: await uploadTemplate(session, bucket, 'import', canonicalJson(template)),
    secretsVersion: template.Parameters?.SecretsVersion === undefined ? undefined : 'previous',
    imports: tables.map(({ logicalId, tableName }) => ({
      ResourceType: 'AWS::DynamoDB::Table',
      LogicalResourceId: logicalId,
      ResourceIdentifier: { TableName: tableName },
    })),
  })
  if (changeSet === undefined)
    throw new DeployProblem(`CloudFormation took nothing in of ${namesOfTables(tables)}.`)
  await approve(session, changeSet, consent)
  await executeChangeSet(session, changeSet)
}
