/** What the fake AWS holds of a stack. */
export interface FakeStack {
  id: string
  name: string
  status: string
  template: FakeTemplate
  /** What was given as YAML comes back as it was. */
  templateText?: string
  parameters: Record<string, string>
  outputs: Record<string, string>
  /** By logical id. */
  resources: Record<string, FakeResource>
  events: FakeEvent[]
  /** How often its events are asked for before its last one is there. */
  pendingPolls: number
  changeSets: Record<string, FakeChangeSet>
  /** How often it is still seen being deleted. */
  pendingDeletion?: number
}

export interface FakeTemplate {
  Parameters?: Record<string, { Default?: string }>
  Conditions?: Record<string, unknown>
  Resources: Record<string, FakeDefinition>
  Outputs?: Record<string, { Value: unknown; Condition?: string }>
}

export interface FakeDefinition {
  Type: string
  Properties?: Record<string, unknown>
  DeletionPolicy?: string
  Condition?: string
}

export interface FakeResource {
  physicalId: string
  type: string
  /** With parameters filled in, as JSON. */
  definition: string
}

export interface FakeEvent {
  LogicalResourceId: string
  ResourceType: string
  ResourceStatus: string
  ResourceStatusReason?: string
  ClientRequestToken: string
}

export interface FakeChange {
  Action: 'Add' | 'Modify' | 'Remove' | 'Import'
  LogicalResourceId: string
  ResourceType: string
  Replacement?: 'True' | 'False'
  PolicyAction?: 'Retain' | 'Delete'
}

export interface FakeTable {
  items: Record<string, { S: string }>[]
  /** What it was made without, as AWS Backup makes tables. */
  lacks?: ('deletion protection' | 'point-in-time recovery')[]
}

export interface FakeChangeSet {
  type: string
  status: string
  reason: string | undefined
  /** The resource for which it was refused before anything was done. */
  refused: string | undefined
  template: FakeTemplate
  parameters: Record<string, string>
  changes: FakeChange[]
  imports: string[]
  /** How often it is asked for before it is there. */
  pendingPolls: number
}

export interface FakeCall {
  /** Without the region and the output's form. */
  args: string[]
  stdin: string | undefined
}

/** An account at AWS, as far as deploy.sh sees it, with what a test wants to go wrong. */
export interface FakeAws {
  version: string
  isSignedIn: boolean
  stacks: Record<string, FakeStack>
  /** By id. */
  deletedStacks: Record<string, string>
  secrets: Record<string, { value: string; version: number }>
  buckets: Record<string, Record<string, string>>
  tables: Record<string, FakeTable>
  concurrentExecutions: number
  /** Whether somebody has opened Cost Explorer in the console: nothing else switches it on. */
  hasCostExplorer: boolean
  alarms: string[]
  deadLetters: number
  /** Who is to be told of alarms: whether they have confirmed it, or want it no more. */
  alarmMails: ('confirmed' | 'pending' | 'deleted')[]
  /** What the stack's output ApiUrl says. */
  apiUrl: string
  /** How often a change set and its events are asked for before they are there. */
  lagPolls: number
  /** A resource that CloudFormation fails to make, the next time. */
  failingResource: string | undefined
  /** What a stack is in once that has failed; undefined where CloudFormation can go back. */
  failedStatus: string | undefined
  /** A resource that CloudFormation finds there before it does anything. */
  foundEarly: string | undefined
  /** Whether stacks can't be deleted whole. */
  keepsStacks: boolean
  /** The call, counted from 1, that fails: before it does anything, or after it did. */
  failingCall: { number: number; isDone: boolean } | undefined
  /** Subcommands that the identity may not use, such as `ssm put-parameter`. */
  denied: string[]
  /** Subcommands that this version of the command line hasn't got. */
  unknown: string[]
  calls: FakeCall[]
}

export const emptyAws = (): FakeAws => ({
  version: '2.31.0',
  isSignedIn: true,
  stacks: {},
  deletedStacks: {},
  secrets: {},
  buckets: {},
  tables: {},
  concurrentExecutions: 1_000,
  hasCostExplorer: true,
  alarms: [],
  deadLetters: 0,
  alarmMails: [],
  apiUrl: 'http://127.0.0.1:1',
  lagPolls: 0,
  failingResource: undefined,
  failedStatus: undefined,
  foundEarly: undefined,
  keepsStacks: false,
  failingCall: undefined,
  denied: [],
  unknown: [],
  calls: [],
})

export const account = '123456789012'

/** A refusal in AWS's words. */
export class Refusal extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** A refusal by the command line itself, which does not get as far as AWS. */
export class UsageError extends Error {}
