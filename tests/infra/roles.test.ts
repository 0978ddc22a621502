import { describe, expect, inject, test } from 'vitest'
import * as z from 'zod'
import { functionsOf, readTemplate, resourcesOf } from '../support/cloudformation.ts'

/** What a role may do: DynamoDB actions by table, secrets, functions to invoke, what to do with the dead letters. */
type Rights = Partial<
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

const signIn = ['JWT_SECRET', 'JWT_SECRET_PREVIOUS']
const speech = ['ASSEMBLYAI_API_KEY', 'ASSEMBLYAI_WEBHOOK_SECRET']

/** Each function's rights, derived by hand from what its code does. Beside them each writes its own log. */
const expectedRights: Record<string, Rights> = {
  'auth-register': {
    users: ['GetItem', 'PutItem'],
    transactions: ['PutItem'],
    ephemera: ['PutItem', 'UpdateItem'],
    secrets: signIn,
  },
  'auth-login': {
    users: ['GetItem', 'UpdateItem'],
    ephemera: ['PutItem', 'UpdateItem'],
    secrets: signIn,
  },
  'auth-refresh': {
    users: ['GetItem'],
    ephemera: ['DeleteItem', 'GetItem', 'UpdateItem'],
    secrets: signIn,
  },
  'auth-logout': { ephemera: ['DeleteItem', 'GetItem'], secrets: signIn },
  'auth-user': { users: ['GetItem'], secrets: signIn },
  'credits-packages': {},
  'credits-balance': { users: ['GetItem'], secrets: signIn },
  'credits-purchase': {
    users: ['GetItem', 'UpdateItem'],
    transactions: ['PutItem', 'UpdateItem'],
    ephemera: ['UpdateItem'],
    secrets: [...signIn, 'STRIPE_SECRET_KEY'],
  },
  'credits-transactions': {
    transactions: ['BatchGetItem'],
    transactionsOfUser: ['Query'],
    secrets: signIn,
  },
  'clip-create': {
    users: ['GetItem', 'UpdateItem'],
    usage: ['GetItem', 'PutItem'],
    transactions: ['PutItem'],
    ephemera: ['GetItem', 'PutItem', 'UpdateItem'],
    secrets: [...speech, ...signIn],
  },
  'clip-read': {
    users: ['GetItem', 'UpdateItem'],
    usage: ['GetItem', 'PutItem'],
    transactions: ['PutItem'],
    ephemera: ['GetItem', 'PutItem', 'UpdateItem'],
    secrets: ['ASSEMBLYAI_API_KEY', ...signIn],
  },
  ask: {
    users: ['GetItem', 'UpdateItem'],
    usage: ['GetItem', 'PutItem'],
    transactions: ['PutItem'],
    ephemera: ['GetItem', 'PutItem', 'UpdateItem'],
    secrets: [...signIn, 'OPENAI_API_KEY'],
  },
  'catchup-create': {
    users: ['GetItem', 'UpdateItem'],
    usage: ['GetItem', 'PutItem'],
    transactions: ['PutItem'],
    ephemera: ['GetItem', 'PutItem', 'UpdateItem'],
    secrets: signIn,
    invokes: ['catchup-fetch', 'catchup-worker'],
  },
  'catchup-read': {
    users: ['GetItem'],
    usage: ['GetItem'],
    ephemera: ['GetItem'],
    secrets: signIn,
  },
  'catchup-fetch': {
    users: ['GetItem', 'UpdateItem'],
    ephemera: ['GetItem', 'PutItem', 'UpdateItem'],
    secrets: [...speech, 'TWITCH_CLIENT_SECRET'],
    deadLetters: ['SendMessage'],
  },
  'catchup-worker': {
    users: ['GetItem', 'UpdateItem'],
    usage: ['GetItem', 'PutItem'],
    transactions: ['PutItem'],
    ephemera: ['GetItem', 'PutItem', 'UpdateItem'],
    secrets: ['ASSEMBLYAI_API_KEY', 'OPENAI_API_KEY'],
    deadLetters: ['SendMessage'],
  },
  'stream-start': {
    users: ['GetItem', 'UpdateItem'],
    usage: ['GetItem', 'PutItem'],
    transactions: ['PutItem'],
    ephemera: ['GetItem', 'PutItem', 'UpdateItem'],
    secrets: [...signIn, 'ASSEMBLYAI_API_KEY'],
  },
  'stream-renew': {
    users: ['GetItem', 'UpdateItem'],
    usage: ['GetItem', 'PutItem'],
    transactions: ['PutItem'],
    ephemera: ['GetItem', 'PutItem', 'UpdateItem'],
    secrets: [...signIn, 'ASSEMBLYAI_API_KEY'],
  },
  'stream-stop': {
    users: ['GetItem', 'UpdateItem'],
    usage: ['GetItem', 'PutItem'],
    ephemera: ['UpdateItem'],
    secrets: signIn,
  },
  sweep: {
    users: ['GetItem', 'UpdateItem'],
    usage: ['GetItem', 'PutItem'],
    transactions: ['PutItem'],
    ephemera: ['GetItem', 'PutItem', 'UpdateItem'],
    activeAccounts: ['Query'],
    secrets: ['ASSEMBLYAI_API_KEY'],
    invokes: ['catchup-worker'],
    deadLetters: ['SendMessage'],
  },
  reconcile: {
    users: ['GetItem', 'Scan'],
    usage: ['Query'],
    transactions: ['BatchGetItem', 'GetItem'],
    transactionsOfUser: ['Query'],
    ephemera: ['GetItem', 'PutItem'],
    secrets: ['STRIPE_SECRET_KEY'],
    deadLetters: ['SendMessage'],
  },
  usage: { usage: ['Query'], secrets: signIn },
  'webhook-stripe': {
    users: ['GetItem', 'UpdateItem'],
    transactions: ['GetItem', 'PutItem', 'UpdateItem'],
    secrets: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
  },
  'webhook-assemblyai': {
    users: ['GetItem', 'UpdateItem'],
    usage: ['GetItem', 'PutItem'],
    transactions: ['PutItem'],
    ephemera: ['PutItem', 'UpdateItem'],
    secrets: speech,
    invokes: ['catchup-worker'],
  },
  health: {
    users: ['GetItem'],
    usage: ['GetItem'],
    transactions: ['GetItem'],
    ephemera: ['GetItem'],
    secrets: [
      ...speech,
      ...signIn,
      'OPENAI_API_KEY',
      'STRIPE_SECRET_KEY',
      'STRIPE_WEBHOOK_SECRET',
      'TWITCH_CLIENT_SECRET',
    ],
  },
  'checkout-success': {},
  'checkout-cancel': {},
  preflight: {},
}

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

const here = (service: string): string =>
  `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}`
const secretsPrefix = `${here('ssm')}:parameter/live-transcription/dev/`
const functionsPrefix = `${here('lambda')}:function:live-transcription-dev-`
const tablesPrefix = `${here('dynamodb')}:table/live-transcription-dev-`
/** Tables and indexes by what their ARNs end in. */
const tables: Record<string, keyof Rights> = {
  users: 'users',
  usage: 'usage',
  transactions: 'transactions',
  'transactions/index/user_id': 'transactionsOfUser',
  ephemera: 'ephemera',
  'ephemera/index/active_in': 'activeAccounts',
}
const logGroup = (name: string): string =>
  `${here('logs')}:log-group:/aws/lambda/live-transcription-dev-${name}:*:*`

/** What an action on a resource amounts to, in the words of `Rights`. */
const toRight = (action: string, resource: z.infer<typeof resourceSchema>): [keyof Rights, string] => {
  const [service, verb = ''] = action.split(':')
  if (typeof resource === 'string') throw new Error(`${action} on ${resource}`)
  if ('Fn::GetAtt' in resource) {
    const [target] = resource['Fn::GetAtt']
    if (service === 'sqs' && target === 'DeadLetters') return ['deadLetters', verb]
    throw new Error(`${action} on ${target}`)
  }
  const arn = resource['Fn::Sub']
  const table = arn.startsWith(tablesPrefix) ? tables[arn.slice(tablesPrefix.length)] : undefined
  if (service === 'dynamodb' && table !== undefined) return [table, verb]
  if (action === 'ssm:GetParameters' && arn.startsWith(secretsPrefix))
    return ['secrets', arn.slice(secretsPrefix.length)]
  if (action === 'lambda:InvokeFunction' && arn.startsWith(functionsPrefix))
    return ['invokes', arn.slice(functionsPrefix.length)]
  throw new Error(`${action} on ${arn}`)
}

const template = await readTemplate(inject('packagedStages').dev)
const roles = resourcesOf(template, 'AWS::IAM::Role', roleSchema)
const functions = [...functionsOf(template, 'dev')].map(([name, { roleId }]) => ({ name, roleId }))

const statementsOf = (roleId: string) => roles.get(roleId)?.Policies[0].PolicyDocument.Statement ?? []
const isLogging = (statement: z.infer<typeof statementSchema>): boolean =>
  statement.Action.every(action => action.startsWith('logs:'))

const rightsOf = (roleId: string): Rights => {
  const pairs = statementsOf(roleId)
    .filter(statement => !isLogging(statement))
    .flatMap(({ Action, Resource }) =>
      Action.flatMap(action => Resource.map(resource => toRight(action, resource))),
    )
  return Object.fromEntries(
    [...Map.groupBy(pairs, ([what]) => what)].map(([what, group]) => [
      what,
      group.map(([, right]) => right).sort(),
    ]),
  )
}

const sorted = (rights: Rights): Rights =>
  Object.fromEntries(Object.entries(rights).map(([what, names]) => [what, [...names].sort()]))

test('every function has a role of its own, and there is no other role', () => {
  const used = functions.map(({ roleId }) => roleId)
  expect(new Set(used).size).toBe(functions.length)
  expect([...roles.keys()].sort()).toEqual(used.sort())
})

test("the framework's shared role is never made", () => {
  expect(template.Conditions.Never).toEqual({ 'Fn::Equals': ['true', 'false'] })
  expect(template.Resources.IamRoleLambdaExecution?.Condition).toBe('Never')
})

test.each(functions)('$name may do what its code does, and no more', ({ name, roleId }) => {
  expect(rightsOf(roleId)).toEqual(sorted(expectedRights[name] ?? {}))
})

test.each(functions)('$name writes its own log and no other', ({ name, roleId }) => {
  expect(statementsOf(roleId).filter(isLogging)).toEqual([
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:CreateLogGroup', 'logs:PutLogEvents'],
      Resource: [{ 'Fn::Sub': logGroup(name) }],
    },
  ])
})

test.each(functions)(
  '$name has a role that Lambda alone can take, without managed policies',
  ({ roleId }) => {
    const role = roles.get(roleId)
    expect(role?.ManagedPolicyArns).toEqual([])
    expect(role?.AssumeRolePolicyDocument).toEqual({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: ['lambda.amazonaws.com'] }, Action: ['sts:AssumeRole'] },
      ],
    })
  },
)

describe('nobody', () => {
  const statements = functions.flatMap(({ name, roleId }) =>
    statementsOf(roleId).map(statement => ({ name, statement })),
  )

  test('has an action with a wildcard, or a resource with one but its own log streams', () => {
    const wild = statements.filter(({ name, statement }) => {
      const own = JSON.stringify({ 'Fn::Sub': logGroup(name) })
      const resources = statement.Resource.map(resource => JSON.stringify(resource))
      return (
        statement.Action.some(action => action.includes('*')) ||
        resources.some(resource => resource.includes('*') && resource !== own)
      )
    })
    expect(wild).toEqual([])
  })

  const holders = (what: keyof Rights, right: string): string[] =>
    functions
      .filter(({ roleId }) => rightsOf(roleId)[what]?.includes(right))
      .map(({ name }) => name)
      .sort()

  test('deletes from the tables that matter', () => {
    for (const table of ['users', 'usage', 'transactions'] as const) {
      expect(holders(table, 'DeleteItem')).toEqual([])
    }
  })

  test('scans a table but who proves everybody’s ledger, and that changes none', () => {
    const scanned = (['users', 'usage', 'transactions', 'ephemera'] as const).map(table =>
      holders(table, 'Scan'),
    )
    expect(scanned).toEqual([['reconcile'], [], [], []])
    const { users, usage, transactions } = expectedRights.reconcile ?? {}
    const actions = [users, usage, transactions].flatMap(rights => rights ?? [])
    expect(actions.filter(action => !/^(BatchGetItem|GetItem|Query|Scan)$/.test(action))).toEqual([])
  })

  test('changes a row of the journal of debits', () => {
    expect(holders('usage', 'UpdateItem')).toEqual([])
  })

  test('opens accounts but registering', () => {
    expect(holders('users', 'PutItem')).toEqual(['auth-register'])
  })

  test('completes purchases but Stripe, by way of its webhook; starting one notes its session', () => {
    expect(holders('transactions', 'UpdateItem')).toEqual(['credits-purchase', 'webhook-stripe'])
  })

  test('invokes a function but who accepts catch-ups, or is told or finds out that one was heard', () => {
    expect(holders('invokes', 'catchup-fetch')).toEqual(['catchup-create'])
    expect(holders('invokes', 'catchup-worker')).toEqual(['catchup-create', 'sweep', 'webhook-assemblyai'])
  })

  test('leaves dead letters but for whom nobody waits', () => {
    expect(holders('deadLetters', 'SendMessage')).toEqual([
      'catchup-fetch',
      'catchup-worker',
      'reconcile',
      'sweep',
    ])
  })

  test("reads a vendor's key but who calls the vendor, and the health check", () => {
    expect(holders('secrets', 'STRIPE_SECRET_KEY')).toEqual([
      'credits-purchase',
      'health',
      'reconcile',
      'webhook-stripe',
    ])
    expect(holders('secrets', 'OPENAI_API_KEY')).toEqual(['ask', 'catchup-worker', 'health'])
    expect(holders('secrets', 'TWITCH_CLIENT_SECRET')).toEqual(['catchup-fetch', 'health'])
    expect(holders('secrets', 'ASSEMBLYAI_API_KEY')).toEqual([
      'catchup-fetch',
      'catchup-worker',
      'clip-create',
      'clip-read',
      'health',
      'stream-renew',
      'stream-start',
      'sweep',
      'webhook-assemblyai',
    ])
    expect(holders('secrets', 'ASSEMBLYAI_WEBHOOK_SECRET')).toEqual([
      'catchup-fetch',
      'clip-create',
      'health',
      'webhook-assemblyai',
    ])
  })
})
