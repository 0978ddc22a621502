import Table from 'cli-table3'
import * as z from 'zod'

/** What a change set says about one resource. */
export const changeSchema = z.object({
  Action: z.enum(['Add', 'Modify', 'Remove', 'Import', 'Dynamic', 'SyncWithActual']),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceType: z.string(),
  Replacement: z.enum(['True', 'False', 'Conditional']).optional(),
  PolicyAction: z.string().optional(),
  Scope: z.array(z.string()).optional(),
})
export type Change = z.output<typeof changeSchema>

/** What is lost with a resource of a type. */
const holdings: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'data',
  'AWS::S3::Bucket': 'data',
  'AWS::Backup::BackupVault': 'backups',
  'AWS::SQS::Queue': 'messages',
  'AWS::SNS::Topic': 'subscriptions',
  'AWS::KMS::Key': 'the key of data',
  'AWS::ApiGatewayV2::Api': "the API's address",
  'AWS::ApiGatewayV2::DomainName': "the API's address",
}

/** What would be lost or moved by a change; undefined where nothing is. */
export const lossOf = (change: Change): string | undefined => {
  const holding = holdings[change.ResourceType]
  if (holding === undefined) return undefined
  if (change.Action === 'Remove') return holding
  const isReplaced = change.Action === 'Modify' && change.Replacement !== 'False'
  return isReplaced || change.Action === 'Dynamic' ? holding : undefined
}

export const hasLoss = (changes: readonly Change[]): boolean =>
  changes.some(change => lossOf(change) !== undefined)

const verbOf = ({ Action, Replacement, PolicyAction }: Change): string => {
  if (Action === 'Remove') return PolicyAction === 'Retain' ? 'leave out (kept)' : 'delete'
  if (Action === 'Modify' && Replacement === 'True') return 'REPLACE'
  if (Action === 'Modify' && Replacement === 'Conditional') return 'perhaps replace'
  return {
    Add: 'add',
    Modify: 'change',
    Import: 'take in',
    Dynamic: 'perhaps change',
    SyncWithActual: 'change',
  }[Action]
}

const shownRows = 60

/** Changes as a table, those first that put data at stake; of many, how many there are of a kind. */
export const describeChanges = (changes: readonly Change[]): string => {
  const table = new Table({ head: ['', 'resource', 'type', 'at stake'], style: { head: [], border: [] } })
  const grave = changes.filter(change => lossOf(change) !== undefined)
  const others = changes.filter(change => lossOf(change) === undefined)
  for (const change of grave) table.push(rowOf(change))
  if (others.length <= shownRows) for (const change of others) table.push(rowOf(change))
  else for (const row of countsOf(others)) table.push(row)
  return table.toString()
}

const shortType = (type: string): string => type.replace(/^AWS::/, '')

const rowOf = (change: Change): string[] => [
  verbOf(change),
  change.LogicalResourceId,
  shortType(change.ResourceType),
  lossOf(change) ?? '',
]

const countsOf = (changes: readonly Change[]): string[][] => {
  const counts = new Map<string, number>()
  for (const change of changes) {
    const kind = `${verbOf(change)}|${shortType(change.ResourceType)}`
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].map(([kind, count]) => {
    const [verb = '', type = ''] = kind.split('|')
    return [verb, `${count} resources`, type, '']
  })
}
