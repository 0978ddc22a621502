import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import {
  functionsOf,
  isMade,
  madeResources,
  readTemplate,
  readTemplateText,
  resourcesOf,
  type Template,
  toTemplate,
} from '../support/cloudformation.ts'
import { everySwitchOn, longRegion } from '../support/packaged-service.ts'

const stages = inject('packagedStages')

/** How a resource of each type is named, deeper names with dots, and how long AWS lets the name be. */
const namedBy: Record<string, readonly [path: string, longest: number]> = {
  'AWS::DynamoDB::Table': ['TableName', 255],
  'AWS::Lambda::Function': ['FunctionName', 64],
  'AWS::IAM::Role': ['RoleName', 64],
  'AWS::Logs::LogGroup': ['LogGroupName', 512],
  'AWS::ApiGatewayV2::Api': ['Name', 128],
  'AWS::SQS::Queue': ['QueueName', 80],
  'AWS::SNS::Topic': ['TopicName', 256],
  'AWS::CloudWatch::Alarm': ['AlarmName', 255],
  'AWS::CloudWatch::Dashboard': ['DashboardName', 255],
  'AWS::Backup::BackupPlan': ['BackupPlan.BackupPlanName', 50],
  'AWS::Budgets::Budget': ['Budget.BudgetName', 100],
  'AWS::CE::AnomalyMonitor': ['MonitorName', 1_024],
  'AWS::CE::AnomalySubscription': ['SubscriptionName', 1_024],
}

const valuesSchema = z.record(z.string(), z.unknown())

const nameAt = (properties: unknown, path: string): unknown =>
  path.split('.').reduce((value, key) => valuesSchema.parse(value)[key], properties)

/** Names of all resources of a template, those too that this stage doesn't make. */
const namesOf = (template: Template, type: string): string[] => {
  const [path = ''] = namedBy[type] ?? []
  return Object.values(template.Resources)
    .filter(resource => resource.Type === type && resource.Condition !== 'Never')
    .map(resource => z.string().parse(nameAt(resource.Properties, path)))
}

const everyName = (template: Template): string[] =>
  Object.keys(namedBy).flatMap(type => namesOf(template, type))

/** Types whose names are of the whole account, in whatever region, and where they have them: buckets' are of all accounts. */
const globalNamedBy: Record<string, string> = {
  'AWS::Budgets::Budget': 'Budget.BudgetName',
  'AWS::CE::AnomalyMonitor': 'MonitorName',
  'AWS::CE::AnomalySubscription': 'SubscriptionName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::S3::Bucket': 'BucketName',
}
/** A name that holds the region, or the stack's id. */
const placed = new RegExp(`${longRegion}|AWS::Region|AWS::StackId`)

/** What a template itself calls what is of the whole account; AWS makes up the other names. */
const globalNames = (template: Template): string[] =>
  Object.values(template.Resources).flatMap(({ Type, Properties, Condition }) => {
    const path = globalNamedBy[Type]
    if (path === undefined || Condition === 'Never') return []
    return JSON.stringify(nameAt(Properties, path)) ?? []
  })

const readByHand = async (path: string): Promise<Template> =>
  toTemplate(parse(await readFile(join(projectDir, path), 'utf8')))

/** A template without where its code lies, which tells when it was packaged, and without its conditions. */
const comparable = async (directory: string): Promise<string> =>
  JSON.stringify(JSON.parse(await readTemplateText(directory)), (key, value) =>
    key === 'S3Key' || key === 'Conditions' ? undefined : value,
  )

const conditionsMet = (template: Template): string[] =>
  Object.keys(template.Conditions).filter(name => isMade(template, name))

/** Short enough to be told apart when they differ. */
const linesOf = (json: string): string[] => JSON.stringify(JSON.parse(json), null, 1).split('\n')

const dev = await comparable(stages.dev)

test('dev has neither alarms nor backups', async () => {
  const template = await readTemplate(stages.dev)
  expect(conditionsMet(template)).toEqual([])
  const types = new Set([...madeResources(template).values()].map(({ Type }) => Type))
  for (const type of ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard', 'AWS::Backup::BackupVault']) {
    expect(types).not.toContain(type)
  }
})

describe('prod', async () => {
  const template = await readTemplate(stages.prod)

  test('differs from dev in names, alarms and backups alone', async () => {
    expect(linesOf((await comparable(stages.prod)).replaceAll(/\bprod\b/g, 'dev'))).toEqual(linesOf(dev))
    expect(conditionsMet(template)).toEqual(['HasAlarms', 'HasCostAnomalies', 'HasBackups'])
  })

  test('shares no name with dev: each carries its stage', async () => {
    const names = everyName(template)
    expect(names).toHaveLength(everyName(await readTemplate(stages.dev)).length)
    expect(names.filter(name => !/\bprod\b/.test(name))).toEqual([])
  })

  test('names everything that has a name of its own to give', () => {
    const types = [...madeResources(template).values()].map(({ Type }) => Type)
    for (const type of Object.keys(namedBy)) expect(types).toContain(type)
  })
})

describe('a stage with a long name in a region with a long name', async () => {
  const template = await readTemplate(stages.productionEu)

  test('differs from dev in names alone', async () => {
    const text = await comparable(stages.productionEu)
    const renamed = text.replaceAll('production-eu', 'dev').replaceAll(longRegion, 'us-east-1')
    expect(linesOf(renamed)).toEqual(linesOf(dev))
    expect(conditionsMet(template)).toEqual([])
  })

  test.each(Object.entries(namedBy))(
    'has no name of a %s that AWS would find too long',
    (type, [, longest]) => {
      const names = namesOf(template, type)
      expect(names).not.toEqual([])
      expect(names.filter(name => name.length > longest)).toEqual([])
    },
  )

  test('names for the region what an account has but once for all regions', async () => {
    const byHand = await Promise.all(['infra/artifacts.yml', 'infra/github-deploy-role.yml'].map(readByHand))
    const names = [template, ...byHand].flatMap(globalNames)
    expect(names.length).toBeGreaterThan(Object.keys(namedBy).length)
    expect(names.filter(name => !placed.test(name))).toEqual([])
  })
})

test('a template is ASCII: what is not comes back from CloudFormation as question marks', async () => {
  for (const directory of Object.values(stages)) {
    expect((await readTemplateText(directory)).match(/.*[^ -~\n].*/g)).toBeNull()
  }
})

test('a backup of tables that a restore has switched to has another name than that of those before', async () => {
  const nameIn = async (directory: string): Promise<unknown> =>
    (await readTemplate(directory)).Resources.BackupSelection?.Properties.BackupSelection
  expect(await nameIn(stages.prod)).toMatchObject({ SelectionName: 'ledger' })
  expect(await nameIn(stages.switchedOn)).toMatchObject({
    SelectionName: `ledger${everySwitchOn.TABLES_SUFFIX}`,
  })
})

describe('prod with every switch on', async () => {
  const template = await readTemplate(stages.switchedOn)
  const functions = functionsOf(template, 'prod')
  const made = madeResources(template)
  const propertiesOf = (id: string): Record<string, unknown> => made.get(id)?.Properties ?? {}

  test('makes all that there is', () => {
    const all = Object.keys(template.Conditions).filter(name => name !== 'Never')
    expect(conditionsMet(template)).toEqual(all)
    expect(made.size).toBe(Object.keys(template.Resources).length - 1)
  })

  test('is reached by its own name', () => {
    expect(template.Outputs.ApiUrl?.Value).toBe('https://api.example.com')
    expect(propertiesOf('DomainRecord')).toMatchObject({
      HostedZoneId: everySwitchOn.DOMAIN_HOSTED_ZONE_ID,
      Name: 'api.example.com',
    })
    expect(propertiesOf('Domain')).toMatchObject({
      DomainNameConfigurations: [{ CertificateArn: everySwitchOn.DOMAIN_CERTIFICATE_ARN }],
    })
    for (const { properties } of functions.values()) {
      expect(properties.Environment.Variables.PUBLIC_API_URL).toBe('https://api.example.com')
    }
  })

  test('has every function in the subnets, and traced', () => {
    for (const { logicalId } of functions.values()) {
      expect(propertiesOf(logicalId)).toMatchObject({
        VpcConfig: { SubnetIds: ['subnet-0a1b2c3d', 'subnet-4e5f6a7b'], SecurityGroupIds: ['sg-0a1b2c3d'] },
        TracingConfig: { Mode: 'Active' },
      })
    }
  })

  test('bounds how many of what costs most run at once, and leaves most of an account’s thousand to others', () => {
    const bounds = [...functions].flatMap(([name, { properties }]) =>
      properties.ReservedConcurrentExecutions === undefined
        ? []
        : [[name, properties.ReservedConcurrentExecutions] as const],
    )
    expect(bounds.map(([name]) => name).sort()).toEqual([
      'auth-login',
      'auth-register',
      'catchup-fetch',
      'catchup-worker',
      'reconcile',
      'sweep',
      'webhook-assemblyai',
      'webhook-stripe',
    ])
    expect(bounds.reduce((sum, [, most]) => sum + most, 0)).toBe(87)
  })

  test('keeps logs as long as it is told, and mails to whom it is told', () => {
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup', valuesSchema)
    expect(groups.size).toBe(functions.size + 1)
    for (const group of groups.values()) expect(group.RetentionInDays).toBe(90)
    expect(propertiesOf('AlarmMail')).toMatchObject({ Protocol: 'email', Endpoint: 'operator@example.com' })
    expect(propertiesOf('Budget')).toMatchObject({ Budget: { BudgetLimit: { Amount: 50 } } })
  })

  test('uses the tables that a restore has switched to, and says so', () => {
    const suffix = everySwitchOn.TABLES_SUFFIX
    expect(template.Outputs).toMatchObject({
      TablesSuffix: { Value: suffix },
      UsersTableName: { Value: `live-transcription-prod-users${suffix}` },
      UsageTableName: { Value: `live-transcription-prod-usage${suffix}` },
      TransactionsTableName: { Value: `live-transcription-prod-transactions${suffix}` },
      EphemeraTableName: { Value: 'live-transcription-prod-ephemera' },
    })
    const text = JSON.stringify([...made.values()])
    expect(text).toMatch(/table\/live-transcription-prod-users-r/)
    expect(text).not.toMatch(
      /(?:table\/|TABLE":"|TableName":")live-transcription-prod-(?:users|usage|transactions)(?!-r)/,
    )
  })
})

test.each(['dev', 'prod', 'productionEu'] as const)('%s is without what is off by default', async name => {
  const template = await readTemplate(stages[name])
  for (const { Properties } of madeResources(template).values()) {
    expect(Properties).not.toHaveProperty('VpcConfig')
    expect(Properties).not.toHaveProperty('TracingConfig')
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions')
  }
})

test('a stage says what ./deploy.sh and the operator’s commands go by', async () => {
  const template = await readTemplate(stages.prod)
  const said = Object.entries(template.Outputs).flatMap(([name, { Condition }]) =>
    isMade(template, Condition) ? [name] : [],
  )
  expect(said).toEqual(
    expect.arrayContaining([
      'ApiUrl',
      'UsersTableName',
      'UsageTableName',
      'TransactionsTableName',
      'EphemeraTableName',
      'DeadLettersUrl',
      'AlarmTopicArn',
      'Version',
    ]),
  )
  expect(said).not.toContain('TablesSuffix')
})

test('a secret that changes starts every function anew', async () => {
  const template = await readTemplate(stages.prod)
  expect(template.Parameters.SecretsVersion).toMatchObject({ Type: 'String', Default: '0' })
  for (const { properties } of functionsOf(template, 'prod').values()) {
    expect(properties.Environment.Variables.SECRETS_VERSION).toEqual({ Ref: 'SecretsVersion' })
  }
})
