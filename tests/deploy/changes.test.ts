import { expect, test } from 'vitest'
import { type Change, describeChanges, lossOf } from '../../scripts/deploy/changes.ts'

const change = (part: Partial<Change>): Change => ({
  Action: 'Modify',
  LogicalResourceId: 'Thing',
  ResourceType: 'AWS::DynamoDB::Table',
  Replacement: 'False',
  ...part,
})

test.for<[string, Partial<Change>, string | undefined]>([
  ['a table that is changed in place', {}, undefined],
  ['a table that is made anew', { Replacement: 'True' }, 'data'],
  ['a table that may be made anew', { Replacement: 'Conditional' }, 'data'],
  ['a table that leaves the stack and stays', { Action: 'Remove', PolicyAction: 'Retain' }, 'data'],
  ['a table of which CloudFormation can not tell', { Action: 'Dynamic' }, 'data'],
  ['a table that is added', { Action: 'Add' }, undefined],
  ['a table that is taken in', { Action: 'Import' }, undefined],
  ['a vault that is deleted', { Action: 'Remove', ResourceType: 'AWS::Backup::BackupVault' }, 'backups'],
  ['a queue that is deleted', { Action: 'Remove', ResourceType: 'AWS::SQS::Queue' }, 'messages'],
  ['a bucket that is made anew', { Replacement: 'True', ResourceType: 'AWS::S3::Bucket' }, 'data'],
  ['a topic that is deleted', { Action: 'Remove', ResourceType: 'AWS::SNS::Topic' }, 'subscriptions'],
  [
    'an API that is made anew',
    { Replacement: 'True', ResourceType: 'AWS::ApiGatewayV2::Api' },
    "the API's address",
  ],
  ['a function that is made anew', { Replacement: 'True', ResourceType: 'AWS::Lambda::Function' }, undefined],
])('%s', ([, part, loss]) => {
  expect(lossOf(change(part))).toBe(loss)
})

test('what puts data at stake stands first, by its name, whatever else there is', () => {
  const functions = Array.from({ length: 30 }, (_, index) =>
    change({ LogicalResourceId: `Function${index}`, ResourceType: 'AWS::Lambda::Function' }),
  )
  const lines = describeChanges([
    ...functions,
    change({ LogicalResourceId: 'UsersTable', Replacement: 'True' }),
  ]).split('\n')
  expect(lines[2]).toMatch(/! REPLACE.*UsersTable.*DynamoDB::Table.*data/)
  expect(lines[3]).toMatch(/change.*30 resources.*Lambda::Function/)
})
