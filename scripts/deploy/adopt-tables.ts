import * as z from 'zod'
import { AwsError } from './aws-cli.ts'
import type { ResourceToImport } from './change-sets.ts'
import type { Session } from './session.ts'
import type { KeptTable } from './template.ts'

const tableSchema = z.object({ Table: z.object({ TableStatus: z.string() }) })

/** A table's status, such as ACTIVE; undefined when there is no such table. */
export const statusOfTable = async ({ aws }: Session, tableName: string): Promise<string | undefined> => {
  try {
    const { Table } = await aws.json(tableSchema, 'dynamodb', 'describe-table', '--table-name', tableName)
    return Table.TableStatus
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined
    throw error
  }
}

/** Those of some tables that exist. */
export const existingTables = async (
  session: Session,
  tables: readonly KeptTable[],
): Promise<KeptTable[]> => {
  const found: KeptTable[] = []
  for (const table of tables) {
    if ((await statusOfTable(session, table.tableName)) !== undefined) found.push(table)
  }
  return found
}

/** What tells CloudFormation that a resource of the template is a table which exists. */
export const importsOf = (tables: readonly KeptTable[]): ResourceToImport[] =>
  tables.map(({ logicalId, tableName }) => ({
    ResourceType: 'AWS::DynamoDB::Table',
    LogicalResourceId: logicalId,
    ResourceIdentifier: { TableName: tableName },
  }))
