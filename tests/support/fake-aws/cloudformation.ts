import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Options } from './options.ts'
import {
  account,
  type FakeAws,
  type FakeChange,
  type FakeChangeSet,
  type FakeDefinition,
  type FakeEvent,
  type FakeStack,
  type FakeTemplate,
  Refusal,
} from './state.ts'

const updatable = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]
/** A change of these makes a new resource. */
const replacing: Record<string, string[]> = {
  'AWS::DynamoDB::Table': ['TableName', 'KeySchema'],
  'AWS::Lambda::Function': ['FunctionName'],
  'AWS::SQS::Queue': ['QueueName'],
}
const nameProperties = [
  'TableName',
  'FunctionName',
  'QueueName',
  'RoleName',
  'LogGroupName',
  'BucketName',
  'Name',
]

const find = (aws: FakeAws, name: string): FakeStack => {
  const stack = aws.stacks[name]
  if (!stack) throw new Refusal('ValidationError', `Stack with id ${name} does not exist`)
  return stack
}

const findChangeSet = (
  aws: FakeAws,
  options: Options,
): { stack: FakeStack; changeSet: FakeChangeSet; name: string } => {
  const stack = find(aws, options.one('stack-name'))
  const name = options.one('change-set-name')
  const changeSet = stack.changeSets[name]
  if (!changeSet) throw new Refusal('ChangeSetNotFound', `ChangeSet [${name}] does not exist`)
  return { stack, changeSet, name }
}

export const describeStacks = (aws: FakeAws, options: Options): object => {
  const name = options.one('stack-name')
  const deleted = aws.deletedStacks[name]
  if (deleted !== undefined) {
    return { Stacks: [{ StackId: name, StackName: deleted, StackStatus: 'DELETE_COMPLETE' }] }
  }
  const stack = find(aws, name.startsWith('arn:') ? (name.split('/')[1] ?? '') : name)
  const pending = stack.pendingDeletion ?? 0
  if (pending > 0) stack.pendingDeletion = pending - 1
  return {
    Stacks: [
      {
        StackId: stack.id,
        StackName: stack.name,
        StackStatus: pending > 0 ? 'DELETE_IN_PROGRESS' : stack.status,
        CreationTime: '2026-11-29T12:00:00.000Z',
        Parameters: entries(stack.parameters, 'Parameter'),
        Outputs: entries(stack.outputs, 'Output'),
      },
    ],
  }
}

const entries = (values: Record<string, string>, kind: string): object[] =>
  Object.entries(values).map(([key, value]) => ({ [`${kind}Key`]: key, [`${kind}Value`]: value }))

export const listStackResources = (aws: FakeAws, options: Options): object => ({
  StackResourceSummaries: Object.entries(find(aws, options.one('stack-name')).resources).map(
    ([id, resource]) => ({
      LogicalResourceId: id,
      PhysicalResourceId: resource.physicalId,
      ResourceType: resource.type,
      ResourceStatus: 'CREATE_COMPLETE',
    }),
  ),
})

export const getTemplate = (aws: FakeAws, options: Options): object => {
  const stack = find(aws, options.one('stack-name'))
  return { TemplateBody: stack.templateText ?? stack.template }
}

export const createChangeSet = (aws: FakeAws, options: Options): object => {
  const type = options.one('change-set-type')
  const stack = stackToChange(aws, options.one('stack-name'), type)
  const template = options.has('use-previous-template')
    ? stack.template
    : fetchTemplate(aws, options.one('template-url'))
  const parameters = parametersOf(options.all('parameters'), template, stack)
  requireCapabilities(template, options.all('capabilities'))
  const imports = options.has('resources-to-import')
    ? importedIds(aws, options.one('resources-to-import'), template)
    : []
  const changes = changesOf(stack, template, parameters, imports)
  const refused = changes.find(({ LogicalResourceId: id }) => id === aws.foundEarly)?.LogicalResourceId
  const reason =
    type === 'IMPORT'
      ? refusalOfImport(stack, template, parameters, changes)
      : (refusalOfNothing(stack, outputsOf(aws, template, parameters), changes) ?? (refused && earlyRefusal))
  const name = options.one('change-set-name')
  stack.changeSets[name] = {
    type,
    status: reason === undefined ? 'CREATE_COMPLETE' : 'FAILED',
    reason,
    refused,
    template,
    parameters,
    changes,
    imports,
    pendingPolls: aws.lagPolls,
  }
  return { Id: idOfChangeSet(name), StackId: stack.id }
}

const idOfChangeSet = (name: string): string =>
  `arn:aws:cloudformation:us-east-1:${account}:changeSet/${name}/1`

const earlyRefusal =
  'The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot Early ' +
  'Validation errors, use the DescribeEvents API for detailed failure information.'

/** Of a change set, by its ARN: by its name AWS finds none. */
export const describeEvents = (aws: FakeAws, options: Options): object => {
  const id = options.one('change-set-name')
  const stacks = Object.values(aws.stacks)
  const found = stacks
    .flatMap(({ changeSets }) => Object.entries(changeSets))
    .find(([name]) => idOfChangeSet(name) === id)
  if (found === undefined) {
    throw new Refusal('ValidationError', 'One of ChangeSetName, OperationId or StackName must be specified')
  }
  const [, { refused, template }] = found
  const event = {
    EventId: randomUUID(),
    EventType: 'VALIDATION_ERROR',
    LogicalResourceId: refused,
    ResourceType: template.Resources[refused ?? '']?.Type,
    ValidationFailureMode: 'FAIL',
    ValidationName: 'NAME_CONFLICT_VALIDATION',
    ValidationStatus: 'FAILED',
    ValidationStatusReason: `Resource of type '${template.Resources[refused ?? '']?.Type}' with identifier '…' already exists.`,
  }
  const begun = { EventId: randomUUID(), EventType: 'STACK_EVENT', OperationStatus: 'IN_PROGRESS' }
  return { OperationEvents: refused === undefined ? [begun] : [begun, event] }
}

const unborn = 'REVIEW_IN_PROGRESS'

const stackToChange = (aws: FakeAws, name: string, type: string): FakeStack => {
  const known = aws.stacks[name]
  const isBorn = known !== undefined && known.status !== unborn
  if (type === 'CREATE' && isBorn) {
    throw new Refusal(
      'ValidationError',
      `Stack [${name}] already exists and cannot be created again with the changeSet.`,
    )
  }
  if (type === 'UPDATE' && !isBorn) throw new Refusal('ValidationError', `Stack [${name}] does not exist`)
  if (isBorn && !updatable.includes(known.status)) {
    throw new Refusal(
      'ValidationError',
      `Stack:${known.id} is in ${known.status} state and can not be updated.`,
    )
  }
  return known ?? newStack(aws, name)
}

const refusalOfNothing = (
  stack: FakeStack,
  outputs: Record<string, string>,
  changes: FakeChange[],
): string | undefined => {
  const isSame = changes.length === 0 && JSON.stringify(outputs) === JSON.stringify(stack.outputs)
  return isSame && stack.status !== unborn
    ? "The submitted information didn't contain changes. Submit different information to create a change set."
    : undefined
}

const newStack = (aws: FakeAws, name: string): FakeStack => {
  const stack: FakeStack = {
    id: `arn:aws:cloudformation:us-east-1:${account}:stack/${name}/${randomUUID()}`,
    name,
    status: unborn,
    template: { Resources: {} },
    parameters: {},
    outputs: {},
    resources: {},
    events: [],
    pendingPolls: 0,
    changeSets: {},
  }
  aws.stacks[name] = stack
  return stack
}

const fetchTemplate = (aws: FakeAws, url: string): FakeTemplate => {
  const { hostname, pathname } = new URL(url)
  const content = aws.buckets[hostname.split('.')[0] ?? '']?.[pathname.slice(1)]
  if (content === undefined)
    throw new Refusal('ValidationError', 'S3 error: The specified key does not exist.')
  return JSON.parse(Buffer.from(content, 'base64').toString())
}

const parametersOf = (given: string[], template: FakeTemplate, stack: FakeStack): Record<string, string> => {
  const defined = template.Parameters ?? {}
  const values = Object.fromEntries(
    Object.entries(defined).map(([key, { Default: value = '' }]) => [key, value]),
  )
  for (const entry of given) {
    const fields = Object.fromEntries(entry.split(',').map(field => field.split('=')))
    const { ParameterKey: key, ParameterValue: value, UsePreviousValue: previous } = fields
    if (defined[key] === undefined) {
      throw new Refusal('ValidationError', `Parameters: [${key}] do not exist in the template`)
    }
    values[key] = previous === 'true' ? (stack.parameters[key] ?? '') : value
  }
  return values
}

const requireCapabilities = (template: FakeTemplate, capabilities: string[]): void => {
  const hasRoles = Object.values(template.Resources).some(({ Type }) => Type === 'AWS::IAM::Role')
  if (hasRoles && !capabilities.includes('CAPABILITY_NAMED_IAM')) {
    throw new Refusal('InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_NAMED_IAM]')
  }
}

const importedIds = (aws: FakeAws, json: string, template: FakeTemplate): string[] => {
  const wanted: {
    ResourceType: string
    LogicalResourceId: string
    ResourceIdentifier: { TableName: string }
  }[] = JSON.parse(json)
  for (const { LogicalResourceId: id, ResourceIdentifier: identifier } of wanted) {
    const definition = template.Resources[id]
    if (!definition?.DeletionPolicy) {
      throw new Refusal('ValidationError', `Resources [${id}] is missing DeletionPolicy in the template`)
    }
    if (aws.tables[identifier.TableName] === undefined) {
      throw new Refusal('ValidationError', `Resource ${identifier.TableName} does not exist`)
    }
    const owner = Object.values(aws.stacks).find(stack =>
      Object.values(stack.resources).some(
        ({ type, physicalId }) => type === 'AWS::DynamoDB::Table' && physicalId === identifier.TableName,
      ),
    )
    if (owner) throw new Refusal('ValidationError', `${identifier.TableName} is already in stack ${owner.id}`)
  }
  return wanted.map(({ LogicalResourceId: id }) => id)
}

/** The resources of a template that are made, each with its parameters filled in. */
const definitionsOf = (template: FakeTemplate, parameters: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(template.Resources)
      .filter(([, { Condition: condition }]) => holds(template, condition))
      .map(([id, definition]) => [id, fill(definition, parameters)]),
  )

const fill = (definition: FakeDefinition, parameters: Record<string, string>): string =>
  JSON.stringify(definition, (_key, value) => {
    const name = typeof value === 'object' && value !== null && 'Ref' in value ? value.Ref : undefined
    return typeof name === 'string' && parameters[name] !== undefined ? parameters[name] : value
  })

const holds = (template: FakeTemplate, condition: string | undefined): boolean =>
  condition === undefined || evaluate(template.Conditions?.[condition])

/** Conditions of the kinds that the service has. */
const evaluate = (condition: unknown): boolean => {
  if (typeof condition !== 'object' || condition === null) return false
  const [[operator, operands] = ['', []]] = Object.entries(condition)
  if (operator === 'Fn::Equals') return operands[0] === operands[1]
  if (operator === 'Fn::Not') return !evaluate(operands[0])
  if (operator === 'Fn::And') return operands.every(evaluate)
  if (operator === 'Fn::Or') return operands.some(evaluate)
  throw new Error(`The fake CloudFormation knows no condition ${operator}.`)
}

const changesOf = (
  stack: FakeStack,
  template: FakeTemplate,
  parameters: Record<string, string>,
  imports: string[],
): FakeChange[] => {
  const after = definitionsOf(template, parameters)
  const kept = Object.entries(after).flatMap(([id, definition]): FakeChange[] => {
    const type = JSON.parse(definition).Type
    const before = stack.resources[id]
    if (before === undefined) {
      return [{ Action: imports.includes(id) ? 'Import' : 'Add', LogicalResourceId: id, ResourceType: type }]
    }
    if (before.definition === definition) return []
    return [
      {
        Action: 'Modify',
        LogicalResourceId: id,
        ResourceType: type,
        Replacement: isReplaced(before.definition, definition) ? 'True' : 'False',
      },
    ]
  })
  const removed = Object.entries(stack.resources)
    .filter(([id]) => after[id] === undefined)
    .map(
      ([id, { type, definition }]): FakeChange => ({
        Action: 'Remove',
        LogicalResourceId: id,
        ResourceType: type,
        PolicyAction: JSON.parse(definition).DeletionPolicy === 'Retain' ? 'Retain' : 'Delete',
      }),
    )
  return [...kept, ...removed]
}

const isReplaced = (before: string, after: string): boolean => {
  const [old, now]: FakeDefinition[] = [JSON.parse(before), JSON.parse(after)]
  return (replacing[now?.Type ?? ''] ?? []).some(
    name => JSON.stringify(old?.Properties?.[name]) !== JSON.stringify(now?.Properties?.[name]),
  )
}

const refusalOfImport = (
  stack: FakeStack,
  template: FakeTemplate,
  parameters: Record<string, string>,
  changes: FakeChange[],
): string | undefined => {
  const others = changes.filter(({ Action: action }) => action !== 'Import')
  if (others.length > 0) {
    return `You have modified resources [${others.map(({ LogicalResourceId: id }) => id)}] in your template that are not being imported. Update, create or delete operations cannot be executed during import operations.`
  }
  if (JSON.stringify(template.Outputs ?? {}) !== JSON.stringify(stack.template.Outputs ?? {})) {
    return 'As part of the import operation, you cannot modify or add [Outputs]'
  }
  const isSame = JSON.stringify(parameters) === JSON.stringify(stack.parameters)
  return isSame || stack.status === unborn
    ? undefined
    : 'As part of the import operation, you cannot modify [Parameters]'
}

export const describeChangeSet = (aws: FakeAws, options: Options): object => {
  const { changeSet, name } = findChangeSet(aws, options)
  if (changeSet.pendingPolls > 0) {
    changeSet.pendingPolls -= 1
    return { ChangeSetName: name, Status: 'CREATE_IN_PROGRESS', Changes: [] }
  }
  return {
    ChangeSetName: name,
    Status: changeSet.status,
    StatusReason: changeSet.reason,
    Changes: changeSet.changes.map(change => ({ Type: 'Resource', ResourceChange: change })),
  }
}

export const deleteChangeSet = (aws: FakeAws, options: Options): object => {
  const { stack, name } = findChangeSet(aws, options)
  delete stack.changeSets[name]
  return {}
}

export const executeChangeSet = (aws: FakeAws, options: Options): object => {
  const { stack, changeSet } = findChangeSet(aws, options)
  if (changeSet.status !== 'CREATE_COMPLETE') {
    throw new Refusal(
      'InvalidChangeSetStatus',
      `ChangeSet cannot be executed in its current status of [${changeSet.status}]`,
    )
  }
  const verb = changeSet.type === 'UPDATE' || changeSet.type === 'IMPORT' ? changeSet.type : 'CREATE'
  const run = new Execution(aws, stack, options.one('client-request-token'), verb)
  stack.changeSets = {}
  stack.pendingPolls = aws.lagPolls
  run.carryOut(changeSet)
  return {}
}

/** One operation on a stack, with its events. */
class Execution {
  readonly #aws: FakeAws
  readonly #stack: FakeStack
  readonly #token: string
  readonly #verb: string

  constructor(aws: FakeAws, stack: FakeStack, token: string, verb: string) {
    this.#aws = aws
    this.#stack = stack
    this.#token = token
    this.#verb = verb
  }

  carryOut(changeSet: FakeChangeSet): void {
    this.#note(this.#stack.name, 'AWS::CloudFormation::Stack', `${this.#verb}_IN_PROGRESS`)
    const failed = changeSet.changes.find(change => this.#failureOf(changeSet, change) !== undefined)
    if (failed) {
      this.#goBack(changeSet, failed)
      return
    }
    const definitions = definitionsOf(changeSet.template, changeSet.parameters)
    for (const change of changeSet.changes) this.#make(change, definitions[change.LogicalResourceId])
    this.#stack.template = changeSet.template
    this.#stack.parameters = changeSet.parameters
    if (changeSet.type !== 'IMPORT') {
      this.#stack.outputs = outputsOf(this.#aws, changeSet.template, changeSet.parameters)
    }
    this.#end(`${this.#verb}_COMPLETE`)
  }

  #failureOf(changeSet: FakeChangeSet, change: FakeChange): string | undefined {
    if (change.LogicalResourceId === this.#aws.failingResource)
      return 'Resource handler returned message: "Told to fail"'
    const name = changeSet.template.Resources[change.LogicalResourceId]?.Properties?.TableName
    const isTaken =
      change.Action === 'Add' && typeof name === 'string' && this.#aws.tables[name] !== undefined
    return isTaken ? `${name} already exists` : undefined
  }

  #make(change: FakeChange, definition: string | undefined): void {
    const id = change.LogicalResourceId
    const before = this.#stack.resources[id]
    if (change.Action === 'Remove' || change.Replacement === 'True') this.#drop(before, change)
    if (definition === undefined) {
      delete this.#stack.resources[id]
    } else {
      const { Properties: properties = {} }: FakeDefinition = JSON.parse(definition)
      const name = nameProperties
        .map(property => properties[property])
        .find(value => typeof value === 'string')
      const physicalId = typeof name === 'string' ? name : `${this.#stack.name}-${id}`
      this.#stack.resources[id] = { physicalId, type: change.ResourceType, definition }
      if (change.ResourceType === 'AWS::DynamoDB::Table') this.#aws.tables[physicalId] ??= { items: [] }
      if (change.ResourceType === 'AWS::S3::Bucket') this.#aws.buckets[physicalId.toLowerCase()] ??= {}
    }
    this.#note(id, change.ResourceType, `${this.#verb}_COMPLETE`)
  }

  #drop(resource: FakeStack['resources'][string] | undefined, change: FakeChange): void {
    const isTable = resource?.type === 'AWS::DynamoDB::Table'
    if (
      isTable &&
      change.PolicyAction !== 'Retain' &&
      JSON.parse(resource.definition).DeletionPolicy !== 'Retain'
    ) {
      delete this.#aws.tables[resource.physicalId]
    }
  }

  /** A first creation that fails leaves what is retained; an update leaves what was there before. */
  #goBack(changeSet: FakeChangeSet, failed: FakeChange): void {
    const reason = this.#failureOf(changeSet, failed) ?? ''
    this.#aws.failingResource = undefined
    const bystander = changeSet.changes.find(change => change !== failed)
    if (bystander) {
      this.#note(
        bystander.LogicalResourceId,
        bystander.ResourceType,
        'UPDATE_FAILED',
        'Resource update cancelled',
      )
    }
    this.#note(failed.LogicalResourceId, failed.ResourceType, `${this.#verb}_FAILED`, reason)
    if (this.#aws.failedStatus !== undefined) {
      this.#end(this.#aws.failedStatus)
      return
    }
    if (this.#verb !== 'CREATE') {
      this.#end(`${this.#verb}_ROLLBACK_COMPLETE`)
      return
    }
    for (const { LogicalResourceId: id, Action: action } of changeSet.changes) {
      const definition = changeSet.template.Resources[id]
      const name = definition?.Properties?.TableName
      if (action === 'Add' && definition?.DeletionPolicy === 'Retain' && typeof name === 'string') {
        this.#aws.tables[name] ??= { items: [] }
      }
    }
    this.#end('ROLLBACK_COMPLETE')
  }

  #end(status: string): void {
    this.#stack.status = status
    this.#note(this.#stack.name, 'AWS::CloudFormation::Stack', status)
  }

  #note(id: string, type: string, status: string, reason?: string): void {
    const event: FakeEvent = {
      LogicalResourceId: id,
      ResourceType: type,
      ResourceStatus: status,
      ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
      ClientRequestToken: this.#token,
    }
    this.#stack.events.push(event)
  }
}

const outputsOf = (
  aws: FakeAws,
  template: FakeTemplate,
  parameters: Record<string, string>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(template.Outputs ?? {})
      .filter(([, { Condition: condition }]) => holds(template, condition))
      .map(([key, { Value: value }]) => [key, outputOf(aws, key, value, parameters)]),
  )

const outputOf = (aws: FakeAws, key: string, value: unknown, parameters: Record<string, string>): string => {
  if (key === 'ApiUrl') return aws.apiUrl
  if (typeof value === 'string') return value
  const reference = typeof value === 'object' && value !== null && 'Ref' in value ? String(value.Ref) : key
  return parameters[reference] ?? `made-by-${reference}`.toLowerCase()
}

export const describeStackEvents = (aws: FakeAws, options: Options): object => {
  const stack = find(aws, options.one('stack-name'))
  const events = stack.events.map((event, index) => ({
    EventId: String(index),
    StackName: stack.name,
    Timestamp: '2026-11-29T12:00:00.000Z',
    ...event,
  }))
  if (stack.pendingPolls > 0) {
    stack.pendingPolls -= 1
    events.pop()
  }
  return { StackEvents: events.reverse() }
}

export const deleteStack = (aws: FakeAws, options: Options): object => {
  const name = options.one('stack-name')
  const stack = aws.stacks[name]
  if (!stack) return {}
  if (aws.keepsStacks) {
    stack.status = 'DELETE_FAILED'
    stack.pendingDeletion = aws.lagPolls
    return {}
  }
  for (const { type, physicalId, definition } of Object.values(stack.resources)) {
    const isKept = JSON.parse(definition).DeletionPolicy === 'Retain'
    if (type === 'AWS::DynamoDB::Table' && !isKept) delete aws.tables[physicalId]
  }
  aws.deletedStacks[stack.id] = name
  delete aws.stacks[name]
  return {}
}

/** `aws cloudformation deploy`: a change set made and carried out, here of a template in YAML without parameters. */
export const deployStack = (aws: FakeAws, options: Options): object => {
  const name = options.one('stack-name')
  const text = readFileSync(options.one('template-file'), 'utf8')
  const template: FakeTemplate = parse(text)
  const stack = aws.stacks[name] ?? newStack(aws, name)
  const run = new Execution(aws, stack, 'deploy', stack.status === unborn ? 'CREATE' : 'UPDATE')
  run.carryOut({
    type: 'UPDATE',
    status: 'CREATE_COMPLETE',
    reason: undefined,
    refused: undefined,
    template,
    parameters: {},
    changes: changesOf(stack, template, {}, []),
    imports: [],
    pendingPolls: 0,
  })
  if (!updatable.includes(stack.status)) {
    throw new Refusal(
      '',
      `Failed to create/update the stack. Run the following command\nto fetch the list of events leading up to the failure\naws cloudformation describe-stack-events --stack-name ${name}`,
    )
  }
  stack.templateText = text
  const bucket = Object.values(stack.resources).find(({ type }) => type === 'AWS::S3::Bucket')
  stack.outputs = { BucketName: bucket?.physicalId.toLowerCase() ?? '' }
  return {}
}
