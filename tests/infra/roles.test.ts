import { describe, expect, inject, test } from 'vitest'
import * as z from 'zod'
import { readTemplate, resourcesOf } from '../support/cloudformation.ts'
import { functionRolesOf, logStreamsOf, type Rights } from '../support/rights.ts'

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
    transactions: ['ConditionCheckItem', 'GetItem', 'PutItem', 'UpdateItem'],
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

const template = await readTemplate(inject('packagedStages').dev)
const functions = functionRolesOf(template, 'dev')

const sorted = (rights: Rights): Rights =>
  Object.fromEntries(Object.entries(rights).map(([what, names]) => [what, [...names].sort()]))

test('every function has a role of its own, and there is no other role', () => {
  const used = functions.map(({ roleId }) => roleId)
  expect(new Set(used).size).toBe(functions.length)
  expect([...resourcesOf(template, 'AWS::IAM::Role', z.unknown()).keys()].sort()).toEqual(used.sort())
})

test("the framework's shared role is never made", () => {
  expect(template.Conditions.Never).toEqual({ 'Fn::Equals': ['true', 'false'] })
  expect(template.Resources.IamRoleLambdaExecution?.Condition).toBe('Never')
})

test.each(functions)('$name may do what its code does, and no more', ({ name, rights }) => {
  expect(rights).toEqual(sorted(expectedRights[name] ?? {}))
})

test.each(functions)(
  '$name writes its own log and no other, and makes none: the stack does',
  ({ name, logging }) => {
    expect(logging).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: [{ 'Fn::Sub': logStreamsOf('dev', name) }],
      },
    ])
  },
)

test.each(functions)('$name has a role that Lambda alone can take, without managed policies', ({ role }) => {
  expect(role.ManagedPolicyArns).toEqual([])
  expect(role.AssumeRolePolicyDocument).toEqual({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: ['lambda.amazonaws.com'] }, Action: ['sts:AssumeRole'] },
    ],
  })
})

describe('nobody', () => {
  const all = functions.flatMap(({ name, statements }) => statements.map(statement => ({ name, statement })))

  test('has an action with a wildcard, or a resource with one but its own log streams', () => {
    const wild = all.filter(({ name, statement }) => {
      const own = JSON.stringify({ 'Fn::Sub': logStreamsOf('dev', name) })
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
      .filter(({ rights }) => rights[what]?.includes(right))
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
