import { glob, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec'
import { describe, expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import { madeResources, readTemplate, toTemplate } from '../support/cloudformation.ts'
import { findBrokenReferences, findSpecProblems } from '../support/resource-spec.ts'

const stepSchema = z.object({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  env: z.record(z.string(), z.string()).default({}),
})
const jobSchema = z.object({
  if: z.string().optional(),
  needs: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.string()).default({}),
  environment: z.string().optional(),
  permissions: z.record(z.string(), z.string()).optional(),
  concurrency: z.object({ group: z.string(), 'cancel-in-progress': z.boolean() }).optional(),
  container: z.object({ image: z.string(), options: z.string() }).optional(),
  env: z.record(z.string(), z.string()).default({}),
  steps: z.array(stepSchema).default([]),
})
const workflowSchema = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  env: z.record(z.string(), z.string()).default({}),
  jobs: z.record(z.string(), jobSchema),
})

const folder = join(projectDir, '.github/workflows')
const readWorkflow = async (name: string) => {
  const text = await readFile(join(folder, name), 'utf8')
  return { name, text, ...workflowSchema.parse(parse(text)) }
}
const workflows = await Promise.all((await readdir(folder)).sort().map(readWorkflow))
const workflow = (name: string) => {
  const found = workflows.find(one => one.name === `${name}.yml`)
  if (!found) throw new Error(`There is no workflow ${name}.`)
  return found
}
const job = (workflowName: string, jobName: string) => {
  const found = workflow(workflowName).jobs[jobName]
  if (!found) throw new Error(`${workflowName} has no job ${jobName}.`)
  return found
}
/** What GitHub puts in its place. */
const expression = (name: string): string => `\${{ ${name} }}`
const stepsOf = ({ jobs }: (typeof workflows)[number]) => Object.values(jobs).flatMap(({ steps }) => steps)

describe.each(workflows)('$name', one => {
  test('may read the repository and nothing else, but for a job that deploys', () => {
    expect(one.permissions).toEqual({ contents: 'read' })
    for (const { permissions = {}, environment, uses } of Object.values(one.jobs)) {
      const deploys = environment !== undefined || uses === './.github/workflows/deploy-stage.yml'
      expect(permissions).toEqual(deploys ? { contents: 'read', 'id-token': 'write' } : {})
    }
  })

  test('holds no secret and asks GitHub for none: nothing could echo one', () => {
    expect(one.text).not.toContain('secrets.')
    expect(one.text).not.toMatch(/secrets: *inherit|AKIA|whsec_|sk_(live|test)_/)
  })

  test('puts nothing of an event or a setting into a script, only into its environment', () => {
    expect(one.env).toEqual({})
    expect(Object.values(one.jobs).map(({ env }) => env)).toEqual(Object.values(one.jobs).map(() => ({})))
    expect(stepsOf(one).flatMap(({ run = '' }) => (run.includes(`\${{`) ? [run] : []))).toEqual([])
  })

  test("takes others' actions by version, and leaves no token in the clone", () => {
    const used = stepsOf(one).flatMap(({ uses }) => uses ?? [])
    expect(used.filter(uses => !/^[\w-]+\/[\w-]+@(v\d+|[0-9a-f]{40})$/.test(uses))).toEqual([])
    const checkouts = stepsOf(one).filter(({ uses = '' }) => uses.startsWith('actions/checkout@'))
    expect(checkouts.map(step => step.with['persist-credentials'])).toEqual(checkouts.map(() => false))
  })

  test('runs nothing for strangers with rights of ours', () => {
    expect(Object.keys(one.on)).not.toContain('pull_request_target')
    expect(Object.keys(one.on)).not.toContain('workflow_run')
  })
})

describe('ci', () => {
  test("runs the README's command for every push and pull request, and before a deployment", async () => {
    expect(workflow('ci').on).toEqual({
      push: { 'branches-ignore': ['main'] },
      pull_request: null,
      workflow_call: null,
    })
    expect(stepsOf(workflow('ci')).map(({ run }) => run)).toContain('npm test')
    expect(await readFile(join(projectDir, 'README.md'), 'utf8')).toMatch(/^npm test\b/m)
  })

  test('runs where the set-up installs what it needs by itself', () => {
    expect(job('ci', 'test').container?.image).toBe('node:24-bookworm')
  })
})

describe('deploy', () => {
  test('begins with a push to main or a tag v…, and nothing else', () => {
    expect(workflow('deploy').on).toEqual({ push: { branches: ['main'], tags: ['v*'] } })
    expect(job('deploy', 'test').uses).toBe('./.github/workflows/ci.yml')
  })

  test.each([
    ['dev', "github.ref == 'refs/heads/main'", expression('github.sha')],
    ['prod', "startsWith(github.ref, 'refs/tags/v')", expression('github.ref_name')],
  ])('deploys %s after the tests, where it is switched on, for %s', (stage, condition, version) => {
    expect(job('deploy', stage)).toMatchObject({
      if: `vars.DEPLOY == 'on' && ${condition}`,
      needs: 'test',
      uses: './.github/workflows/deploy-stage.yml',
      with: { stage, version },
    })
  })

  test('deploys within the environment of the stage, one at a time, never broken off', () => {
    expect(workflow('deploy-stage').on).toHaveProperty('workflow_call')
    expect(job('deploy-stage', 'deploy')).toMatchObject({
      environment: expression('inputs.stage'),
      concurrency: { group: `deploy-${expression('inputs.stage')}`, 'cancel-in-progress': false },
    })
  })

  test('is given the role by GitHub being who it is, and no key', () => {
    const [signIn] = job('deploy-stage', 'deploy').steps.filter(({ uses = '' }) =>
      uses.startsWith('aws-actions/configure-aws-credentials@'),
    )
    expect(signIn?.with).toEqual({
      'role-to-assume': expression('vars.DEPLOY_ROLE_ARN'),
      'aws-region': expression('vars.AWS_REGION'),
    })
  })

  test('runs deploy.sh for the stage, with settings from the environment', () => {
    const { steps } = job('deploy-stage', 'deploy')
    expect(steps.at(-1)?.run).toBe('./deploy.sh "$STAGE" --region "$REGION"')
    expect(steps.at(-1)?.env).toEqual({
      STAGE: expression('inputs.stage'),
      VERSION: expression('inputs.version'),
      REGION: expression('vars.AWS_REGION'),
    })
    expect(steps.at(-2)?.env).toEqual({
      STAGE: expression('inputs.stage'),
      SETTINGS: expression('vars.SETTINGS'),
    })
  })
})

const template = toTemplate(parse(await readFile(join(projectDir, 'infra/github-deploy-role.yml'), 'utf8')))
const statementSchema = z.object({
  Sid: z.string(),
  Effect: z.literal('Allow'),
  Action: z.union([z.string().transform(one => [one]), z.array(z.string())]),
  Resource: z.unknown(),
  Condition: z.unknown().optional(),
})
const conditionalSchema = z
  .object({ 'Fn::If': z.tuple([z.string(), statementSchema, z.unknown()]) })
  .transform(({ 'Fn::If': [, statement] }) => statement)
const roleSchema = z.object({
  AssumeRolePolicyDocument: z.object({
    Statement: z.tuple([
      z.object({
        Action: z.array(z.string()),
        Principal: z.unknown(),
        Condition: z.record(z.string(), z.unknown()),
      }),
    ]),
  }),
  Policies: z.array(
    z.object({
      PolicyDocument: z.object({ Statement: z.array(z.union([statementSchema, conditionalSchema])) }),
    }),
  ),
})
const role = roleSchema.parse(template.Resources.DeployRole?.Properties)
const statements = role.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
const actions = statements.flatMap(({ Action }) => Action)

/** What makes a resource of a type: the action, and for one with a name its property and its ARN. */
interface Making {
  readonly action: string
  readonly name?: string
  readonly arn?: (name: string) => string
}
const making: Readonly<Record<string, Making>> = {
  'AWS::ApiGatewayV2::Api': { action: 'apigateway:POST' },
  'AWS::ApiGatewayV2::ApiMapping': { action: 'apigateway:POST' },
  'AWS::ApiGatewayV2::DomainName': { action: 'apigateway:POST' },
  'AWS::ApiGatewayV2::Integration': { action: 'apigateway:POST' },
  'AWS::ApiGatewayV2::Route': { action: 'apigateway:POST' },
  'AWS::ApiGatewayV2::Stage': { action: 'apigateway:POST' },
  'AWS::Backup::BackupPlan': { action: 'backup:CreateBackupPlan' },
  'AWS::Backup::BackupSelection': { action: 'backup:CreateBackupSelection' },
  'AWS::Backup::BackupVault': {
    action: 'backup:CreateBackupVault',
    name: 'BackupVaultName',
    arn: name => `arn:_:backup:_:_:backup-vault:${name}`,
  },
  'AWS::Budgets::Budget': { action: 'budgets:ModifyBudget' },
  'AWS::CE::AnomalyMonitor': { action: 'ce:CreateAnomalyMonitor' },
  'AWS::CE::AnomalySubscription': { action: 'ce:CreateAnomalySubscription' },
  'AWS::CloudWatch::Alarm': {
    action: 'cloudwatch:PutMetricAlarm',
    name: 'AlarmName',
    arn: name => `arn:_:cloudwatch:_:_:alarm:${name}`,
  },
  'AWS::CloudWatch::Dashboard': {
    action: 'cloudwatch:PutDashboard',
    name: 'DashboardName',
    arn: name => `arn:_:cloudwatch::_:dashboard/${name}`,
  },
  'AWS::DynamoDB::Table': {
    action: 'dynamodb:CreateTable',
    name: 'TableName',
    arn: name => `arn:_:dynamodb:_:_:table/${name}`,
  },
  'AWS::Events::Rule': { action: 'events:PutRule' },
  'AWS::IAM::Role': { action: 'iam:CreateRole', name: 'RoleName', arn: name => `arn:_:iam::_:role/${name}` },
  'AWS::Lambda::EventInvokeConfig': { action: 'lambda:PutFunctionEventInvokeConfig' },
  'AWS::Lambda::Function': {
    action: 'lambda:CreateFunction',
    name: 'FunctionName',
    arn: name => `arn:_:lambda:_:_:function:${name}`,
  },
  'AWS::Lambda::Permission': { action: 'lambda:AddPermission' },
  'AWS::Logs::LogGroup': {
    action: 'logs:CreateLogGroup',
    name: 'LogGroupName',
    arn: name => `arn:_:logs:_:_:log-group:${name}`,
  },
  'AWS::Logs::MetricFilter': { action: 'logs:PutMetricFilter' },
  'AWS::Route53::RecordSet': { action: 'route53:ChangeResourceRecordSets' },
  'AWS::SNS::Subscription': { action: 'sns:Subscribe' },
  'AWS::SNS::Topic': { action: 'sns:CreateTopic', name: 'TopicName', arn: name => `arn:_:sns:_:_:${name}` },
  'AWS::SNS::TopicPolicy': { action: 'sns:SetTopicAttributes' },
  'AWS::SQS::Queue': { action: 'sqs:CreateQueue', name: 'QueueName', arn: name => `arn:_:sqs:_:_:${name}` },
}

/** What deletes a resource of a type: for the others the action is that of the same name. */
const deleting: Readonly<Record<string, string>> = {
  'AWS::Budgets::Budget': 'budgets:ModifyBudget',
  'AWS::CloudWatch::Alarm': 'cloudwatch:DeleteAlarms',
  'AWS::CloudWatch::Dashboard': 'cloudwatch:DeleteDashboards',
  'AWS::Lambda::EventInvokeConfig': 'lambda:DeleteFunctionEventInvokeConfig',
  'AWS::Lambda::Permission': 'lambda:RemovePermission',
  'AWS::Route53::RecordSet': 'route53:ChangeResourceRecordSets',
  'AWS::SNS::Subscription': 'sns:Unsubscribe',
  'AWS::SNS::TopicPolicy': 'sns:SetTopicAttributes',
}

const deletionOf = (type: string): string => {
  const [, service = '', kind = ''] = type.split('::')
  if (service === 'ApiGatewayV2') return 'apigateway:DELETE'
  return deleting[type] ?? `${service.toLowerCase()}:Delete${kind}`
}

const arnSchema = z.object({ 'Fn::Sub': z.string() }).transform(({ 'Fn::Sub': arn }) => arn)
const arnsSchema = z.union([z.string(), arnSchema]).or(z.array(arnSchema))

/** Whether the role of a stage may do it to what has this ARN, whose partition, region and account are `_`. */
const isAllowed = (stage: string, action: string, arn: string): boolean =>
  statements
    .filter(({ Action }) => Action.includes(action))
    .flatMap(({ Resource }) => arnsSchema.parse(Resource))
    .map(pattern => pattern.replaceAll(`\${Stage}`, stage).replace(/\$\{AWS::\w+\}/g, '_'))
    .some(pattern => new RegExp(`^${pattern.replace(/[.$]/g, '\\$&').replaceAll('*', '.*')}$`).test(arn))

const stageTemplates = { prod: inject('packagedStages').switchedOn, dev: inject('packagedStages').dev }
const made = Object.fromEntries(
  await Promise.all(
    Object.entries(stageTemplates).map(
      async ([stage, directory]) =>
        [stage, [...madeResources(await readTemplate(directory)).values()]] as const,
    ),
  ),
)

/** What a command of `aws` needs, where it isn't the action of the same name. */
const rightsOfCommand: Readonly<Record<string, readonly string[]>> = {
  'cloudformation deploy': ['cloudformation:CreateChangeSet', 'cloudformation:ExecuteChangeSet'],
  's3 cp': ['s3:GetObject'],
  's3api list-objects-v2': ['s3:ListBucket'],
  // Nobody needs a right to learn who they are.
  'sts get-caller-identity': [],
}
/** What a machine doesn't do: `remove`, clearing away a first deployment that failed; nor does it read logs. */
const onlyByHand = ['cloudformation:DeleteStack', 'dynamodb:Scan']

const rightsFor = (service: string, command: string): readonly string[] =>
  rightsOfCommand[`${service} ${command}`] ?? [
    `${service === 's3api' ? 's3' : service}:${command.replaceAll(/(?:^|-)(\w)/g, (_all, letter: string) => letter.toUpperCase())}`,
  ]

const readCalledRights = async (): Promise<string[]> => {
  const services = 'ce|cloudformation|cloudwatch|dynamodb|lambda|s3|s3api|sqs|ssm|sts'
  const called: string[] = []
  for await (const path of glob('scripts/deploy/**/*.ts', { cwd: projectDir })) {
    const text = await readFile(join(projectDir, path), 'utf8')
    for (const [, service = '', command = ''] of text.matchAll(
      new RegExp(`'(${services})',\\s*'([a-z][a-z0-9-]+)'`, 'g'),
    )) {
      called.push(...rightsFor(service, command))
    }
  }
  return [...new Set(called)]
}

describe('the role of a deployment', () => {
  test('trusts GitHub, for jobs of this repository in this environment alone', () => {
    const [trust] = role.AssumeRolePolicyDocument.Statement
    expect(trust.Action).toEqual(['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'])
    expect(trust.Condition).toEqual({
      StringEquals: {
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': {
          'Fn::Sub': `repo:\${Repository}:environment:\${Stage}`,
        },
      },
    })
  })

  test.each([
    [
      'Repository',
      ['octo/words', 'octo@123456/words.app@456789'],
      ['octo', 'octo/*', 'octo/words:ref:x', '*/*'],
    ],
    ['Stage', ['dev', 'prod'], ['*', 'dev:x', 'Dev', '']],
  ])('takes no %s that would let others in', (parameter, good, bad) => {
    const { AllowedPattern } = z.object({ AllowedPattern: z.string() }).parse(template.Parameters[parameter])
    const pattern = new RegExp(AllowedPattern)
    expect(good.filter(value => !pattern.test(value))).toEqual([])
    expect(bad.filter(value => pattern.test(value))).toEqual([])
  })

  test('may do to everything only what AWS knows no name for', () => {
    expect(statements.filter(({ Resource }) => Resource === '*').map(({ Sid }) => Sid)).toEqual([
      'WithoutNames',
    ])
    const [withoutNames] = statements.filter(({ Sid }) => Sid === 'WithoutNames')
    const withNames = /^(lambda|iam|dynamodb|s3|ssm|sns|sqs|kms|events):/
    expect(withoutNames?.Action.filter(action => withNames.test(action))).toEqual([
      'lambda:GetAccountSettings',
    ])
  })

  test('has no action of a whole service, nor any that changes by a pattern', () => {
    expect(
      actions.filter(action => action.includes('*') && !/^\w+:(Get|List)[A-Za-z]*\*$/.test(action)),
    ).toEqual([])
  })

  test('reads no rows, writes none, deletes no table and no role of others', () => {
    const ofTables = actions.filter(action => action.startsWith('dynamodb:'))
    expect(
      ofTables.filter(action => /Item|Query|Scan|PartiQL|Delete|Export|Restore|Backup$/.test(action)),
    ).toEqual([])
    expect(
      actions.filter(action => action.startsWith('iam:Attach') || action === 'lambda:InvokeFunction'),
    ).toEqual([])
    const roles = statements.filter(({ Action }) => Action.some(action => action.startsWith('iam:')))
    const names = roles.map(({ Resource }) => JSON.stringify(Resource))
    expect(names.filter(name => !/role\/(lt-\$\{Stage\}-\*|aws-service-role\/\*)/.test(name))).toEqual([])
  })

  test('hands roles to Lambda and AWS Backup alone', () => {
    const passing = statements.filter(({ Action }) => Action.includes('iam:PassRole'))
    expect(passing.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'iam:PassedToService': ['lambda.amazonaws.com', 'backup.amazonaws.com'] } },
    ])
  })

  /** A name that is put together ends in what CloudFormation knows. */
  const joinedSchema = z.object({ 'Fn::Join': z.tuple([z.literal('-'), z.tuple([z.string(), z.unknown()])]) })
  const nameSchema = z.union([
    z.string(),
    joinedSchema.transform(one => `${one['Fn::Join'][1][0]}-0a1b2c3d4e5f`),
  ])

  test.each(Object.entries(made))('may make everything that %s has, by its name', (stage, resources) => {
    expect(resources.filter(({ Type }) => !actions.includes(making[Type]?.action ?? ''))).toEqual([])
    const refused = resources.flatMap(({ Type, Properties }) => {
      const { action = '', name, arn } = making[Type] ?? {}
      if (name === undefined || arn === undefined) return []
      const ofIt = arn(nameSchema.parse(Properties[name]))
      return isAllowed(stage, action, ofIt) ? [] : [ofIt]
    })
    expect(refused).toEqual([])
  })

  test('may call whatever deploy.sh calls, but for what is done by hand', async () => {
    const called = await readCalledRights()
    expect(called).toContain('cloudformation:ExecuteChangeSet')
    expect(called.filter(right => !actions.includes(right)).sort()).toEqual(onlyByHand)
  })

  test('may delete, with what docs/deploying.md names beside it, everything that goes with a stack', async () => {
    const documented = (await readFile(join(projectDir, 'docs/deploying.md'), 'utf8')).split('## Rights')[1]
    const byHand = Object.values(made)
      .flat()
      .filter(({ DeletionPolicy }) => DeletionPolicy !== 'Retain')
      .map(({ Type }) => deletionOf(Type))
      .filter(action => !actions.includes(action))
    expect([...new Set(byHand)].sort()).toEqual(['backup:DeleteBackupPlan', 'dynamodb:DeleteTable'])
    for (const action of byHand) expect(documented).toContain(`\`${action}\``)
  })

  test('may learn why its change sets were refused, whether AWS looks at them or at the stack', () => {
    const arns = [
      'changeSet/deploy-1795971336071-0a1b2c3d/5f0c9e',
      'stack/live-transcription-dev/5f0c9e',
    ].map(name => `arn:_:cloudformation:_:_:${name}`)
    expect(arns.filter(arn => !isAllowed('dev', 'cloudformation:DescribeEvents', arn))).toEqual([])
  })

  test('may do nothing to what is not of its stage', () => {
    expect(
      isAllowed('dev', 'lambda:UpdateFunctionCode', 'arn:_:lambda:_:_:function:live-transcription-dev-ask'),
    ).toBe(true)
    expect(
      isAllowed('dev', 'lambda:UpdateFunctionCode', 'arn:_:lambda:_:_:function:live-transcription-prod-ask'),
    ).toBe(false)
    expect(
      isAllowed(
        'dev',
        'iam:PutRolePolicy',
        'arn:_:iam::_:role/live-transcription-dev-us-east-1-github-deploy',
      ),
    ).toBe(false)
    expect(
      isAllowed('dev', 'ssm:GetParameters', 'arn:_:ssm:_:_:parameter/live-transcription/prod/JWT_SECRET'),
    ).toBe(false)
  })

  test("writes no secret but that of Stripe's endpoint, which a deployment sees to", () => {
    const path = 'arn:_:ssm:_:_:parameter/live-transcription/prod'
    const names = ['JWT_SECRET', 'STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'OPENAI_API_KEY']
    expect(names.filter(name => isAllowed('prod', 'ssm:PutParameter', `${path}/${name}`))).toEqual([
      'STRIPE_WEBHOOK_SECRET',
    ])
  })

  test('is what AWS’s resource specification asks for', async () => {
    const spec = await loadAwsServiceSpec()
    expect(findSpecProblems(spec, template)).toEqual([])
    expect(findBrokenReferences(spec, template, () => true)).toEqual([])
  })

  test('fits in what AWS takes of policies in a role', () => {
    const characters = role.Policies.map(
      policy => JSON.stringify(policy.PolicyDocument).replace(/\s/g, '').length,
    )
    expect(characters.reduce((sum, one) => sum + one, 0)).toBeLessThan(10_240)
  })
})
