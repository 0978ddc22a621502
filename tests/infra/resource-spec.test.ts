import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec'
import { describe, expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import { projectDir } from '../../local/paths.ts'
import {
  isMade,
  madeResources,
  readTemplate,
  readTemplateText,
  type Template,
  toTemplate,
} from '../support/cloudformation.ts'
import { findBrokenReferences, findSpecProblems } from '../support/resource-spec.ts'

const spec = await loadAwsServiceSpec()
const stages = inject('packagedStages')

/** CloudFormation's own limits. */
const mostResources = 500
const mostOutputs = 200
const largestTemplateBytes = 1_000_000

const templates: Record<string, string> = {
  dev: await readTemplateText(stages.dev),
  prod: await readTemplateText(stages.prod),
  'a stage with a long name': await readTemplateText(stages.productionEu),
  'prod with every switch on': await readTemplateText(stages.switchedOn),
}

const problemsOf = (template: Template): string[] => {
  const made = madeResources(template)
  return [...findSpecProblems(spec, template), ...findBrokenReferences(spec, template, id => made.has(id))]
}

describe.each(Object.entries(templates))('the template of %s', (_stage, text) => {
  const template = toTemplate(JSON.parse(text))

  test('is what AWS’s resource specification asks for, and refers to nothing that is not there', () => {
    expect(problemsOf(template)).toEqual([])
  })

  test('keeps within CloudFormation’s limits', () => {
    expect(Object.keys(template.Resources).length).toBeLessThanOrEqual(mostResources)
    expect(Object.keys(template.Outputs).length).toBeLessThanOrEqual(mostOutputs)
    expect(Buffer.byteLength(text)).toBeLessThan(largestTemplateBytes)
  })

  test('names conditions that it has', () => {
    const parts = [...Object.values(template.Resources), ...Object.values(template.Outputs)]
    const named = parts.flatMap(({ Condition }) => Condition ?? [])
    expect(named.filter(name => !(name in template.Conditions))).toEqual([])
    expect(named.map(name => typeof isMade(template, name))).not.toContain('undefined')
  })
})

test.each(['artifacts', 'github-deploy-role'])(
  'infra/%s.yml is what the specification asks for',
  async name => {
    const template = toTemplate(parse(await readFile(join(projectDir, `infra/${name}.yml`), 'utf8')))
    expect(findSpecProblems(spec, template)).toEqual([])
    expect(findBrokenReferences(spec, template, id => id in template.Resources)).toEqual([])
  },
)

describe('a template that is broken', async () => {
  const sound = await readTemplate(stages.prod)

  /** The template with a resource changed, or taken out. */
  const broken = (id: string, properties: Record<string, unknown> | undefined, type?: string): Template => {
    const resource = sound.Resources[id]
    if (resource === undefined) throw new Error(`There is no ${id}.`)
    const { [id]: _, ...others } = sound.Resources
    if (properties === undefined) return { ...sound, Resources: others }
    const changed = { ...resource, Type: type ?? resource.Type, Properties: properties }
    return { ...sound, Resources: { ...others, [id]: changed } }
  }
  const propertiesOf = (id: string): Record<string, unknown> => sound.Resources[id]?.Properties ?? {}

  test.each<[string, string, Record<string, unknown>, string]>([
    [
      'a property that there is not',
      'DeadLetters',
      { Encrypted: true },
      'DeadLetters.Encrypted: there is no such property',
    ],
    [
      'one deeper down',
      'UsersTable',
      { SSESpecification: { SSEEnabled: true, Algorithm: 'AES' } },
      'UsersTable.SSESpecification.Algorithm: there is no such property',
    ],
    [
      'a text for a number',
      'DeadLetters',
      { MessageRetentionPeriod: 'long' },
      'DeadLetters.MessageRetentionPeriod: must be integer, and is string "long"',
    ],
    [
      'one thing for a list',
      'ApiLatencyAlarm',
      { AlarmActions: 'arn' },
      'ApiLatencyAlarm.AlarmActions: must be a list, and is string "arn"',
    ],
    [
      'a value that is not allowed',
      'HealthLambdaFunction',
      { TracingConfig: { Mode: 'Sometimes' } },
      'HealthLambdaFunction.TracingConfig.Mode: must be one of Active, PassThrough, and is "Sometimes"',
    ],
    [
      'a tag without a value',
      'UsersTable',
      { Tags: [{ Key: 'stage' }] },
      'UsersTable.Tags.0.Value: is required',
    ],
    [
      'a choice of which one branch is wrong',
      'DeadLetters',
      { VisibilityTimeout: { 'Fn::If': ['HasAlarms', 120, 'short'] } },
      'DeadLetters.VisibilityTimeout.Fn::If.1: must be integer, and is string "short"',
    ],
    [
      'an attribute that its type has not got',
      'AlarmTopicPolicy',
      { Topics: [{ 'Fn::GetAtt': ['AlarmTopic', 'Colour'] }] },
      'AlarmTopicPolicy refers to AlarmTopic.Colour',
    ],
    [
      'a name in a text that leads nowhere',
      'DeadLetters',
      { QueueName: { 'Fn::Sub': `\${Nobody}-letters` } },
      'DeadLetters refers to Nobody',
    ],
    [
      'a reference to what is not made in this stage',
      'DeadLetters',
      { QueueName: { Ref: 'Domain' } },
      'DeadLetters refers to Domain',
    ],
  ])('is found out: %s', (_what, id, change, problem) => {
    expect(problemsOf(broken(id, { ...propertiesOf(id), ...change }))).toEqual([problem])
  })

  test('is found out: a property that is missing', () => {
    const { ApiId: _, ...rest } = propertiesOf('HttpApiStage')
    expect(problemsOf(broken('HttpApiStage', rest))).toEqual(['HttpApiStage.ApiId: is required'])
  })

  test('is found out: a type that there is not', () => {
    expect(problemsOf(broken('DeadLetters', {}, 'AWS::SQS::Quay'))).toContain(
      'DeadLetters: there is no type AWS::SQS::Quay',
    )
  })

  test('is found out: a resource that others refer to, and is gone', () => {
    const problems = problemsOf(broken('AlarmTopic', undefined))
    expect(problems).toContain('output AlarmTopicArn refers to AlarmTopic')
    expect(problems).toContain('ApiLatencyAlarm refers to AlarmTopic')
  })
})
