import { expect, inject, test } from 'vitest'
import {
  finishTemplate,
  keptTables,
  madeResources,
  onlyResources,
  type Template,
  templateSchema,
  withoutResources,
} from '../../scripts/deploy/template.ts'

const codeKeys = new Map([['a.zip', 'functions/0a.zip']])

const compiled = (key: string, version = 'v1'): Template => ({
  Resources: {
    ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket' },
    ServerlessDeploymentBucketPolicy: { Type: 'AWS::S3::BucketPolicy' },
    A: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: { Ref: 'ServerlessDeploymentBucket' }, S3Key: key },
        Description: version,
      },
    },
  },
  Outputs: { ServerlessDeploymentBucketName: { Value: { Ref: 'ServerlessDeploymentBucket' } } },
})

test('a template says where the code is, and nothing of another way to deploy', () => {
  const { template, release } = finishTemplate(compiled('serverless/1/a.zip'), 'bucket', codeKeys)
  expect(template).toEqual({
    Resources: {
      A: {
        Type: 'AWS::Lambda::Function',
        Properties: { Code: { S3Bucket: 'bucket', S3Key: 'functions/0a.zip' }, Description: 'v1' },
      },
    },
    Outputs: { Release: { Value: release } },
  })
})

test('the same is the same release, whenever it was packaged, and anything else is another', () => {
  const releaseOf = (template: Template, keys = codeKeys): string =>
    finishTemplate(template, 'bucket', keys).release
  const first = releaseOf(compiled('serverless/1795958245312/a.zip'))
  expect(releaseOf(compiled('serverless/1795958264470/a.zip'))).toBe(first)
  expect(releaseOf(compiled('serverless/1/a.zip', 'v2'))).not.toBe(first)
  expect(releaseOf(compiled('serverless/1/a.zip'), new Map([['a.zip', 'functions/0b.zip']]))).not.toBe(first)
})

test('a template that names code which was not packaged is refused', () => {
  expect(() => finishTemplate(compiled('serverless/1/b.zip'), 'bucket', codeKeys)).toThrow('b.zip')
})

const service = (): Template =>
  templateSchema.parse(JSON.parse(inject('deployableProject').templates.dev ?? ''))

test('the tables of the ledger are those that stay, and the service does without any of them', () => {
  const tables = keptTables(service())
  expect(tables.map(({ logicalId }) => logicalId).sort()).toEqual([
    'TransactionsTable',
    'UsageTable',
    'UsersTable',
  ])
  const rest = withoutResources(
    service(),
    tables.map(({ logicalId }) => logicalId),
  )
  expect(keptTables(rest)).toEqual([])
  expect(Object.keys(onlyResources(service(), ['UsersTable']).Resources)).toEqual(['UsersTable'])
})

test.for([
  { Ref: 'A' },
  { 'Fn::GetAtt': ['A', 'Arn'] },
  { 'Fn::Sub': `arn:\${A}` },
  { 'Fn::Sub': `\${A.Arn}/index` },
])('a resource that %j refers to can not be left out', reference => {
  const template: Template = {
    Resources: {
      A: { Type: 'AWS::DynamoDB::Table' },
      B: { Type: 'AWS::SQS::Queue', Properties: { reference } },
    },
  }
  expect(() => withoutResources(template, ['A'])).toThrow('refers to A')
})

test('what is made is told from the conditions', () => {
  const equals = (a: string, b: string) => ({ 'Fn::Equals': [a, b] })
  const template: Template = {
    Conditions: {
      Yes: equals('on', 'on'),
      No: equals('on', 'off'),
      Not: { 'Fn::Not': [equals('on', 'on')] },
      Both: { 'Fn::And': [equals('a', 'a'), equals('a', 'b')] },
      Later: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
    },
    Resources: Object.fromEntries(
      ['Yes', 'No', 'Not', 'Both', 'Later'].map(name => [name, { Type: 'AWS::SQS::Queue', Condition: name }]),
    ),
  }
  expect(Object.keys(madeResources(template))).toEqual(['Yes', 'Later'])
})
