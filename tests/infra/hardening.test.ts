import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec'
import { describe, expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import {
  functionsOf,
  madeResources,
  readTemplate,
  resourcesOf,
  toTemplate,
} from '../support/cloudformation.ts'

const template = await readTemplate(inject('packagedStages').switchedOn)
const made = madeResources(template)
const artifacts = toTemplate(parse(await readFile(join(projectDir, 'infra/artifacts.yml'), 'utf8')))
const valuesSchema = z.record(z.string(), z.unknown())

/** How what keeps data is encrypted, by type: what its properties say, or why they need not. */
const encryption: Record<string, Record<string, unknown> | 'always, by AWS' | 'exempt'> = {
  'AWS::DynamoDB::Table': { SSESpecification: { SSEEnabled: true } },
  'AWS::SQS::Queue': { SqsManagedSseEnabled: true },
  'AWS::S3::Bucket': {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
  },
  // Names of alarms and numbers. CloudWatch could publish by a key of our own alone, at $1 a month: infra/alarm-topic.yml.
  'AWS::SNS::Topic': 'exempt',
  'AWS::Logs::LogGroup': 'always, by AWS',
  'AWS::Backup::BackupVault': 'always, by AWS',
  'AWS::Lambda::Function': 'always, by AWS',
}

/** Types that keep nothing that anybody could read. */
const keepNothing = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::ApiGatewayV2::DomainName',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Backup::BackupPlan',
  'AWS::Backup::BackupSelection',
  'AWS::Budgets::Budget',
  'AWS::CE::AnomalyMonitor',
  'AWS::CE::AnomalySubscription',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::Rule',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Logs::MetricFilter',
  'AWS::Route53::RecordSet',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
]

test('all that keeps anything is encrypted', () => {
  for (const { Type, Properties } of [...made.values(), ...Object.values(artifacts.Resources)]) {
    const how = encryption[Type]
    if (how === undefined) expect(keepNothing).toContain(Type)
    else if (typeof how === 'object') expect(Properties).toMatchObject(how)
  }
})

const statementSchema = z.looseObject({
  Effect: z.string(),
  Action: z.union([z.string().transform(one => [one]), z.array(z.string())]),
  Resource: z.unknown(),
})
const documentSchema = z.object({ Statement: z.array(statementSchema) })
const roleSchema = z.object({
  RoleName: z.string(),
  ManagedPolicyArns: z.array(z.unknown()).default([]),
  Policies: z.array(z.object({ PolicyDocument: documentSchema })),
})

/** Rights with a wildcard, and why they have it. Those of a role's own log are looked at in roles.test.ts. */
const wildcards: Record<string, string> = {
  'xray:PutTraceSegments, xray:PutTelemetryRecords': 'X-Ray knows no resource to allow them on',
  'dynamodb:DeleteBackup, dynamodb:DescribeBackup': 'a backup has no name before it is made',
  'backup:TagResource': 'nor has a recovery point',
}

describe('rights', () => {
  const roles = [...resourcesOf(template, 'AWS::IAM::Role', roleSchema).values()]
  const statements = roles.flatMap(({ Policies }) =>
    Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
  )

  test('name every action', () => {
    expect(statements.flatMap(({ Action }) => Action).filter(action => action.includes('*'))).toEqual([])
    expect(
      statements.filter(
        ({ Effect, NotAction, NotResource }) => Effect !== 'Allow' || NotAction || NotResource,
      ),
    ).toEqual([])
  })

  test('name every resource, but for few that have a reason', () => {
    const wild = statements.filter(
      ({ Action, Resource }) =>
        JSON.stringify(Resource).includes('*') && !Action.every(action => action.startsWith('logs:')),
    )
    expect(new Set(wild.map(({ Action }) => Action.join(', ')))).toEqual(new Set(Object.keys(wildcards)))
  })

  test('are all written here, but for those that Lambda needs in a VPC', () => {
    const managed = new Set(
      roles.flatMap(({ ManagedPolicyArns }) => ManagedPolicyArns.map(arn => JSON.stringify(arn))),
    )
    expect(
      [...managed].filter(
        arn => !arn.includes(':iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole'),
      ),
    ).toEqual([])
    const backup = roles.find(({ RoleName }) => RoleName.endsWith('-backup'))
    expect(backup?.ManagedPolicyArns).toEqual([])
  })
})

/** CloudFormation's stack tags reach these as well; deploy.sh gives the stack the same ones. */
const taggedByStackAlone = [
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Logs::LogGroup',
  'AWS::Events::Rule',
]

test('what costs money says of which service and stage it is', async () => {
  const spec = await loadAwsServiceSpec()
  const untagged = [...made].flatMap(([id, { Type, Properties }]) => {
    const [known] = spec.lookup('resource', 'cloudFormationType', 'equals', Type)
    const property = known?.tagInformation?.tagPropertyName
    if (property === undefined || taggedByStackAlone.includes(Type)) return []
    const text = JSON.stringify(Properties[property] ?? '')
    return text.includes('live-transcription') && text.includes('prod') ? [] : [`${id} (${Type})`]
  })
  // A function's role costs nothing, and the plugin that makes it gives it no tags.
  expect(untagged.filter(one => !/IamRoleLambdaExecution \(AWS::IAM::Role\)$/.test(one))).toEqual([])
})

describe('the gateway', () => {
  const stageSchema = z.object({
    DefaultRouteSettings: valuesSchema,
    RouteSettings: z.record(
      z.string(),
      z.object({ ThrottlingRateLimit: z.number(), ThrottlingBurstLimit: z.number() }),
    ),
    AccessLogSettings: z.object({ Format: z.string(), DestinationArn: z.unknown() }),
  })
  const stage = resourcesOf(template, 'AWS::ApiGatewayV2::Stage', stageSchema).get('HttpApiStage')

  test('lets through what many listeners ask, and little of what costs much or guesses passwords', () => {
    expect(stage?.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 })
    expect(stage?.RouteSettings).toEqual({
      'POST /auth/register': { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 },
      'POST /auth/login': { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 },
      'POST /credits/purchase': { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 },
    })
  })

  test('is set up after the routes that its throttles name', () => {
    const routeSchema = z.object({ RouteKey: z.string() })
    const awaited = made.get('HttpApiStage')?.DependsOn ?? []
    const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route', routeSchema)
    const keys = awaited.flatMap(id => routes.get(id)?.RouteKey ?? [])
    expect(keys.sort()).toEqual(Object.keys(stage?.RouteSettings ?? {}).sort())
  })

  test('logs what happened, and nothing of who asked or what', () => {
    const format = z.record(z.string(), z.string()).parse(JSON.parse(stage?.AccessLogSettings.Format ?? ''))
    expect(format).toEqual({
      request_id: '$context.requestId',
      time: '$context.requestTime',
      route: '$context.routeKey',
      status: '$context.status',
      latency_ms: '$context.responseLatency',
      function_ms: '$context.integrationLatency',
      function_status: '$context.integrationStatus',
      error: '$context.integrationErrorMessage',
    })
    expect(stage?.AccessLogSettings.DestinationArn).toEqual({ 'Fn::GetAtt': ['HttpApiLogGroup', 'Arn'] })
  })

  test('counts by its log what it turns away itself, and not what a function did', () => {
    const filterSchema = z.object({
      LogGroupName: z.unknown(),
      FilterPattern: z.string(),
      MetricTransformations: z.array(valuesSchema),
    })
    const filter = resourcesOf(template, 'AWS::Logs::MetricFilter', filterSchema).get('ThrottledRequests')
    expect(filter?.LogGroupName).toEqual({ Ref: 'HttpApiLogGroup' })
    expect(filter?.FilterPattern).toBe('{ $.status = "429" && $.function_status = "-" }')
    expect(filter?.MetricTransformations).toEqual([
      {
        MetricNamespace: 'live-transcription/prod',
        MetricName: 'RequestsThrottled',
        MetricValue: '1',
        Unit: 'Count',
      },
    ])
  })
})

test('logs are kept for 30 days where nobody says otherwise', async () => {
  const prod = await readTemplate(inject('packagedStages').prod)
  const groups = [...resourcesOf(prod, 'AWS::Logs::LogGroup', valuesSchema).values()]
  expect(groups).toHaveLength(functionsOf(prod, 'prod').size + 1)
  expect(new Set(groups.map(group => group.RetentionInDays))).toEqual(new Set([30]))
})

test('the bucket for code is nobody’s but the account’s, asks for TLS, keeps old versions, and outlives its stack', () => {
  expect(artifacts.Resources.Artifacts).toMatchObject({
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    },
  })
  const policySchema = z.object({ PolicyDocument: documentSchema })
  const policy = policySchema.parse(artifacts.Resources.ArtifactsPolicy?.Properties)
  expect(policy.PolicyDocument.Statement).toEqual([
    expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
  ])
  expect(artifacts.Outputs.BucketName?.Value).toEqual({ Ref: 'Artifacts' })
})
