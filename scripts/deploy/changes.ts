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

const mostNames = 5
/** Columns without lines between them. */
const plain = {
  head: ['', 'what', 'type', 'holds'],
  style: { head: [], border: [], compact: true },
  chars: {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
  },
}

/** Changes as a table: those that put something at stake first and each by itself, the others by kind. */
export const describeChanges = (changes: readonly Change[]): string => {
  const table = new Table(plain)
  const grave = changes.filter(change => lossOf(change) !== undefined)
  for (const change of grave) table.push(rowOf(`! ${verbOf(change)}`, change.ResourceType, [change]))
  for (const group of groupsOf(changes.filter(change => lossOf(change) === undefined))) table.push(group)
  return table.toString()
}

const rowOf = (verb: string, type: string, changes: readonly Change[]): string[] => [
  verb,
  changes.length > mostNames
    ? `${changes.length} resources`
    : changes.map(({ LogicalResourceId: id }) => id).join('\n'),
  type.replace(/^AWS::/, ''),
  holdings[type] ?? '',
]

const groupsOf = (changes: readonly Change[]): string[][] => {
  const groups = Map.groupBy(changes, change => `${verbOf(change)}|${change.ResourceType}`)
  return [...groups].map(([kind, members]) => {
    const [verb = '', type = ''] = kind.split('|')
    return rowOf(verb, type, members)
  })
}
