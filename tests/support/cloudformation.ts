import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  Condition: z.string().optional(),
  DependsOn: z.union([z.string().transform(one => [one]), z.array(z.string())]).default([]),
})

const outputSchema = z.object({ Value: z.unknown(), Condition: z.string().optional() })

const templateSchema = z.object({
  Parameters: z.record(z.string(), z.unknown()).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), outputSchema).default({}),
})

export type Resource = z.infer<typeof resourceSchema>
export type Template = z.infer<typeof templateSchema>

/** A template as CloudFormation takes it, once parsed. @throws {z.ZodError} when it is none */
export const toTemplate = (parsed: unknown): Template => templateSchema.parse(parsed)

/** The text of a packaged service's CloudFormation template. */
export const readTemplateText = (directory: string): Promise<string> =>
  readFile(join(directory, 'cloudformation-template-update-stack.json'), 'utf8')

/** The CloudFormation template of a packaged service. */
export const readTemplate = async (directory: string): Promise<Template> =>
  toTemplate(JSON.parse(await readTemplateText(directory)))

const equalsSchema = z.object({ 'Fn::Equals': z.tuple([z.string(), z.string()]) })
const notSchema = z.object({ 'Fn::Not': z.tuple([z.unknown()]) })

/** Conditions are between literals here: what serverless.yml has put in. @throws {Error} for any other */
const holds = (condition: unknown): boolean => {
  const equals = equalsSchema.safeParse(condition)
  if (equals.success) return equals.data['Fn::Equals'][0] === equals.data['Fn::Equals'][1]
  const not = notSchema.safeParse(condition)
  if (not.success) return !holds(not.data['Fn::Not'][0])
  throw new Error(`${JSON.stringify(condition)} is no condition between literals.`)
}

/** Whether what has a condition of this name is made; what has none always is. */
export const isMade = (template: Template, condition: string | undefined): boolean =>
  condition === undefined || holds(template.Conditions[condition])

/** Every resource that is made, by logical id. */
export const madeResources = (template: Template): Map<string, Resource> =>
  new Map(Object.entries(template.Resources).filter(([, { Condition }]) => isMade(template, Condition)))

/** The properties of every resource of a type that is made, by logical id. */
export const resourcesOf = <Schema extends z.ZodType>(
  template: Template,
  type: string,
  schema: Schema,
): Map<string, z.output<Schema>> =>
  new Map(
    [...madeResources(template)]
      .filter(([, resource]) => resource.Type === type)
      .map(([id, resource]) => [id, schema.parse(resource.Properties)]),
  )

const functionSchema = z.object({
  FunctionName: z.string(),
  Handler: z.string(),
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  Timeout: z.int(),
  MemorySize: z.int(),
  ReservedConcurrentExecutions: z.int().optional(),
  Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
})

export interface PackagedFunction {
  readonly logicalId: string
  /** Logical id of its role. */
  readonly roleId: string
  readonly properties: z.infer<typeof functionSchema>
}

/** Every function, by its name without service and stage. */
export const functionsOf = (template: Template, stage: string): Map<string, PackagedFunction> =>
  new Map(
    [...resourcesOf(template, 'AWS::Lambda::Function', functionSchema)].map(([logicalId, properties]) => [
      properties.FunctionName.replace(`live-transcription-${stage}-`, ''),
      { logicalId, roleId: properties.Role['Fn::GetAtt'][0], properties },
    ]),
  )
