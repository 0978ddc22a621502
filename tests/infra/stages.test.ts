import { describe, expect, inject, test } from 'vitest'
import * as z from 'zod'
import {
  isMade,
  readTemplate,
  readTemplateText,
  resourcesOf,
  type Template,
} from '../support/cloudformation.ts'
import { longRegion } from '../support/packaged-service.ts'

const stages = inject('packagedStages')

/** AWS's limits on the length of a name. */
const longestRoleName = 64
const longestFunctionName = 64

/** The property that names a resource of each type. */
const namedBy: Record<string, string> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::ApiGatewayV2::Api': 'Name',
}

const namesOf = (template: Template, type: string): string[] => {
  const schema = z.record(z.string(), z.unknown())
  const name = namedBy[type] ?? ''
  return [...resourcesOf(template, type, schema).values()].map(properties =>
    z.string().parse(properties[name]),
  )
}

const everyName = (template: Template): string[] =>
  Object.keys(namedBy).flatMap(type => namesOf(template, type))

/** A template without where its code lies, which tells when it was packaged, and without its conditions. */
const comparable = async (directory: string): Promise<string> =>
  JSON.stringify(JSON.parse(await readTemplateText(directory)), (key, value) =>
    key === 'S3Key' || key === 'Conditions' ? undefined : value,
  )

const conditionsMet = async (directory: string): Promise<string[]> => {
  const template = await readTemplate(directory)
  return Object.keys(template.Conditions).filter(name => isMade(template, name))
}

const dev = await comparable(stages.dev)

/** Short enough to be told apart when they differ. */
const linesOf = (json: string): string[] => JSON.stringify(JSON.parse(json), null, 1).split('\n')

describe('prod', async () => {
  const template = await readTemplate(stages.prod)

  test('differs from dev in names, alarms and backups alone', async () => {
    expect(linesOf((await comparable(stages.prod)).replaceAll(/\bprod\b/g, 'dev'))).toEqual(linesOf(dev))
    expect(await conditionsMet(stages.dev)).toEqual([])
    expect(await conditionsMet(stages.prod)).toEqual(['HasAlarms', 'HasBackups'])
  })

  test('shares no name with dev: each carries its stage', async () => {
    const names = everyName(template)
    expect(names).toHaveLength(everyName(await readTemplate(stages.dev)).length)
    expect(names.filter(name => !/\bprod\b/.test(name))).toEqual([])
  })
})

describe('a stage with a long name in a region with a long name', async () => {
  const template = await readTemplate(stages.productionEu)

  test('differs from dev in names alone', async () => {
    const text = await comparable(stages.productionEu)
    expect(linesOf(text.replaceAll('production-eu', 'dev').replaceAll(longRegion, 'us-east-1'))).toEqual(
      linesOf(dev),
    )
    expect(await conditionsMet(stages.productionEu)).toEqual([])
  })

  test('has no name that AWS would find too long', () => {
    const roles = namesOf(template, 'AWS::IAM::Role')
    const functions = namesOf(template, 'AWS::Lambda::Function')
    expect(roles).not.toEqual([])
    expect(roles.filter(name => name.length > longestRoleName)).toEqual([])
    expect(functions.filter(name => name.length > longestFunctionName)).toEqual([])
  })

  test('has roles named for the region, since IAM has one namespace for all of them', () => {
    expect(namesOf(template, 'AWS::IAM::Role').filter(name => !name.includes(longRegion))).toEqual([])
  })
})
