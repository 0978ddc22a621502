import { createHash } from 'node:crypto'
import * as z from 'zod'

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).optional(),
  DeletionPolicy: z.string().optional(),
  Condition: z.string().optional(),
  DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
})

export const templateSchema = z.looseObject({
  Parameters: z.record(z.string(), z.unknown()).optional(),
  Conditions: z.record(z.string(), z.unknown()).optional(),
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown() })).optional(),
})

export type Template = z.output<typeof templateSchema>
type Resources = Template['Resources']

/** JSON with the keys of each object in order, so that the same template is the same text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, inOrder)

const inOrder = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** Of a text, in hex, as much as tells it from all others. */
export const digestOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 20)

/** What osls puts into a template for its own deployment: another bucket, named by its output. */
const ownBucketIds = ['ServerlessDeploymentBucket', 'ServerlessDeploymentBucketPolicy']
const ownOutput = 'ServerlessDeploymentBucketName'

/** Name of the output that tells which release a stack is. It follows from the template. */
export const releaseOutput = 'Release'

/**
 * A compiled template as it is deployed: each function's code where it was put, nothing of osls's own deployment, and
 * the release's name, which is the same whenever nothing has changed.
 * @param codeKeys the S3 key of each zip, by the zip's file name
 */
export const finishTemplate = (
  compiled: Template,
  bucket: string,
  codeKeys: ReadonlyMap<string, string>,
): { template: Template; release: string } => {
  const resources = Object.fromEntries(
    Object.entries(compiled.Resources)
      .filter(([id]) => !ownBucketIds.includes(id))
      .map(([id, resource]) => [id, withCode(resource, bucket, codeKeys)]),
  )
  const outputs = Object.fromEntries(
    Object.entries(compiled.Outputs ?? {}).filter(([id]) => id !== ownOutput),
  )
  const template = { ...compiled, Resources: resources, Outputs: outputs }
  const release = digestOf(canonicalJson(template))
  return {
    template: { ...template, Outputs: { ...outputs, [releaseOutput]: { Value: release } } },
    release,
  }
}

const codeSchema = z.object({ S3Key: z.string() })

const withCode = (
  resource: Resources[string],
  bucket: string,
  codeKeys: ReadonlyMap<string, string>,
): Resources[string] => {
  const code = codeSchema.safeParse(resource.Properties?.Code)
  if (!code.success) return resource
  const zip = code.data.S3Key.split('/').at(-1) ?? ''
  const key = codeKeys.get(zip)
  if (key === undefined) throw new Error(`The template names ${zip}, which was not packaged.`)
  return { ...resource, Properties: { ...resource.Properties, Code: { S3Bucket: bucket, S3Key: key } } }
}

/** A table of a template that stays when the stack goes. */
export interface KeptTable {
  readonly logicalId: string
  readonly tableName: string
}

/** The tables of a template that are retained, by their literal names. */
export const keptTables = (template: Template): KeptTable[] =>
  Object.entries(template.Resources).flatMap(([logicalId, { Type, DeletionPolicy, Properties }]) => {
    const tableName = Properties?.TableName
    const isKept = Type === 'AWS::DynamoDB::Table' && DeletionPolicy === 'Retain'
    return isKept && typeof tableName === 'string' ? [{ logicalId, tableName }] : []
  })

/** A template with some of its resources alone, as an import into no stack takes it. */
export const onlyResources = (template: Template, ids: readonly string[]): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Resources: pick(template.Resources, id => ids.includes(id)),
})

/** A template without some of its resources, which nothing in it may refer to. */
export const withoutResources = (template: Template, ids: readonly string[]): Template => {
  const rest = pick(template.Resources, id => !ids.includes(id))
  const text = JSON.stringify({ ...template, Resources: rest })
  const referred = ids.filter(id =>
    [`"Ref":"${id}"`, `"Fn::GetAtt":["${id}"`, `\${${id}}`, `\${${id}.`].some(way => text.includes(way)),
  )
  if (referred.length > 0) throw new Error(`The template refers to ${referred.join(', ')}.`)
  return { ...template, Resources: rest }
}

const pick = (resources: Resources, keep: (id: string) => boolean): Resources =>
  Object.fromEntries(Object.entries(resources).filter(([id]) => keep(id)))

/** A template with some resources more. */
export const withResources = (template: Template, more: Resources): Template => ({
  ...template,
  Resources: { ...template.Resources, ...more },
})

/** A template's resources that are made. Conditions that hang on more than what was packaged are taken to hold. */
export const madeResources = ({ Resources, Conditions = {} }: Template): Resources => {
  const isMade = ({ Condition: name }: Resources[string]): boolean =>
    name === undefined || holds(Conditions[name])
  return Object.fromEntries(Object.entries(Resources).filter(([, resource]) => isMade(resource)))
}

const conditionSchema = z.union([
  z.object({ 'Fn::Equals': z.tuple([z.string(), z.string()]) }),
  z.object({ 'Fn::Not': z.tuple([z.unknown()]) }),
  z.object({ 'Fn::And': z.array(z.unknown()) }),
])

const holds = (condition: unknown): boolean => {
  const { data } = conditionSchema.safeParse(condition)
  if (data === undefined) return true
  if ('Fn::Equals' in data) return data['Fn::Equals'][0] === data['Fn::Equals'][1]
  if ('Fn::Not' in data) return !holds(data['Fn::Not'][0])
  return data['Fn::And'].every(holds)
}
