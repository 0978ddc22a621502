import { expect, inject, test } from 'vitest'
import * as z from 'zod'
import { readTemplate, resourcesOf } from '../support/cloudformation.ts'

const template = await readTemplate(inject('packagedStages').dev)
const tables = resourcesOf(template, 'AWS::DynamoDB::Table', z.record(z.string(), z.unknown()))

const keys = (hash: string, range?: string) => [
  { AttributeName: hash, KeyType: 'HASH' },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' }]),
]

const ledgerTables = ['UsersTable', 'UsageTable', 'TransactionsTable']
const allTables = [...ledgerTables, 'EphemeraTable']

test('there are four tables', () => {
  expect([...tables.keys()].sort()).toEqual([...allTables].sort())
})

test.each(allTables)('%s is encrypted and paid for by the request', table => {
  expect(tables.get(table)).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    SSESpecification: { SSEEnabled: true },
  })
})

test.each(ledgerTables)(
  '%s can be recovered to any second, is not deleted by mistake, and outlives its stack',
  table => {
    expect(tables.get(table)).toMatchObject({
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
    })
    expect(template.Resources[table]).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    })
  },
)

test('users are found by id, and their e-mails listed by keys alone', () => {
  expect(tables.get('UsersTable')).toMatchObject({
    KeySchema: keys('user_id'),
    GlobalSecondaryIndexes: [
      { IndexName: 'email', KeySchema: keys('email'), Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
  })
})

test("usage is a user's rows by time, with no index to pay for", () => {
  expect(tables.get('UsageTable')).toMatchObject({ KeySchema: keys('user_id', 'timestamp') })
  expect(tables.get('UsageTable')).not.toHaveProperty('GlobalSecondaryIndexes')
})

test("transactions are found by id, and a user's by time", () => {
  expect(tables.get('TransactionsTable')).toMatchObject({
    KeySchema: keys('transaction_id'),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'user_id',
        KeySchema: keys('user_id', 'created_at'),
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  })
})

test('ephemera vanish by themselves, and with their stack', () => {
  expect(tables.get('EphemeraTable')).toMatchObject({
    KeySchema: keys('key'),
    TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
  })
  expect(template.Resources.EphemeraTable?.DeletionPolicy).toBeUndefined()
})

test('nothing refers to a table but by its name, so that a restore can put others in its place', () => {
  const text = JSON.stringify(template)
  for (const table of allTables) {
    const name = /^[a-z]+/.exec(table.toLowerCase().replace('table', ''))?.[0] ?? ''
    expect(tables.get(table)).toMatchObject({ TableName: `live-transcription-dev-${name}` })
    expect(text).not.toMatch(new RegExp(`"(?:Ref|DependsOn)":"${table}"|\\["${table}"|\\$\\{${table}`))
  }
})

test('every attribute that a table declares is a string, as its repositories write it', () => {
  const attributesSchema = z.array(z.object({ AttributeName: z.string(), AttributeType: z.string() }))
  const types = [...tables.values()].flatMap(table =>
    attributesSchema.parse(table.AttributeDefinitions).map(attribute => attribute.AttributeType),
  )
  expect(new Set(types)).toEqual(new Set(['S']))
})
