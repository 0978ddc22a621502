import * as z from 'zod'
import { functionsOf, resourcesOf, type Template } from './cloudformation.ts'

/** What a role may do: DynamoDB actions by table, secrets, functions to invoke, what to do with the dead letters. */
export type Rights = Partial<
  Record<
    | 'users'
    | 'usage'
    | 'transactions'
    | 'transactionsOfUser'
    | 'ephemera'
    | 'activeAccounts'
    | 'secrets'
    | 'invokes'
    | 'deadLetters',
    readonly string[]
  >
>

const attributeSchema = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) })
const substitutionSchema = z.object({ 'Fn::Sub': z.string() })
const resourceSchema = z.union([attributeSchema, substitutionSchema, z.string()])
const statementSchema = z.strictObject({
  Effect: z.literal('Allow'),
  Action: z.array(z.string()),
  Resource: z.union([resourceSchema.transform(one => [one]), z.array(resourceSchema)]),
})
const roleSchema = z.object({
  ManagedPolicyArns: z.array(z.unknown()).default([]),
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.tuple([z.object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) })]),
})

type Statement = z.infer<typeof statementSchema>

/** A function's role. */
export interface FunctionRole {
  /** Without service and stage. */
  readonly name: string
  readonly roleId: string
  readonly role: z.infer<typeof roleSchema>
  readonly rights: Rights
  readonly statements: readonly Statement[]
  /** The statements about its log, which are not among the rights. */
  readonly logging: readonly Statement[]
}

/** The ARN of a log's streams. */
export const logStreamsOf = (stage: string, name: string): string =>
  `${here('logs')}:log-group:/aws/lambda/live-transcription-${stage}-${name}:*:*`

/**
 * Every function's role, and what it may do.
 * @throws {Error} for a right that `Rights` has no word for
 */
export const functionRolesOf = (template: Template, stage: string): FunctionRole[] => {
  const roles = resourcesOf(template, 'AWS::IAM::Role', z.unknown())
  return [...functionsOf(template, stage)].map(([name, { roleId }]) => {
    const role = roleSchema.parse(roles.get(roleId))
    const statements = role.Policies[0].PolicyDocument.Statement
    const others = statements.filter(statement => !isLogging(statement))
    const logging = statements.filter(isLogging)
    return { name, roleId, role, rights: toRights(others, stage), statements, logging }
  })
}

const isLogging = ({ Action }: Statement): boolean => Action.every(action => action.startsWith('logs:'))

const toRights = (statements: readonly Statement[], stage: string): Rights => {
  const pairs = statements.flatMap(({ Action, Resource }) =>
    Action.flatMap(action => Resource.map(resource => toRight(stage, action, resource))),
  )
  return Object.fromEntries(
    [...Map.groupBy(pairs, ([what]) => what)].map(([what, group]) => [
      what,
      group.map(([, right]) => right).sort(),
    ]),
  )
}

const here = (service: string): string =>
  `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}`

/** Tables and indexes by what their ARNs end in. */
const tables: Record<string, keyof Rights> = {
  users: 'users',
  usage: 'usage',
  transactions: 'transactions',
  'transactions/index/user_id': 'transactionsOfUser',
  ephemera: 'ephemera',
  'ephemera/index/active_in': 'activeAccounts',
}

/** What an action on a resource amounts to, in the words of `Rights`. */
const toRight = (
  stage: string,
  action: string,
  resource: z.infer<typeof resourceSchema>,
): [keyof Rights, string] => {
  const unknown = new Error(`${action} on ${JSON.stringify(resource)}`)
  const [service, verb = ''] = action.split(':')
  if (typeof resource === 'string') throw unknown
  if ('Fn::GetAtt' in resource) {
    if (service === 'sqs' && resource['Fn::GetAtt'][0] === 'DeadLetters') return ['deadLetters', verb]
    throw unknown
  }
  const after = (prefix: string): string | undefined =>
    resource['Fn::Sub'].startsWith(prefix) ? resource['Fn::Sub'].slice(prefix.length) : undefined
  const table = tables[after(`${here('dynamodb')}:table/live-transcription-${stage}-`) ?? '']
  if (service === 'dynamodb' && table !== undefined) return [table, verb]
  const secret = after(`${here('ssm')}:parameter/live-transcription/${stage}/`)
  if (action === 'ssm:GetParameters' && secret !== undefined) return ['secrets', secret]
  const invoked = after(`${here('lambda')}:function:live-transcription-${stage}-`)
  if (action === 'lambda:InvokeFunction' && invoked !== undefined) return ['invokes', invoked]
  throw unknown
}
