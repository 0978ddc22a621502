import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.unknown(),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  Condition: z.string().optional(),
})

const templateSchema = z.object({
  Conditions: z.record(z.string(), z.unknown()),
  Resources: z.record(z.string(), resourceSchema),
})

export type Template = z.infer<typeof templateSchema>

/** The text of a packaged service's CloudFormation template. */
export const readTemplateText = (directory: string): Promise<string> =>
  readFile(join(directory, 'cloudformation-template-update-stack.json'), 'utf8')

/** The CloudFormation template of a packaged service. */
export const readTemplate = async (directory: string): Promise<Template> =>
  templateSchema.parse(JSON.parse(await readTemplateText(directory)))

/** The properties of every resource of a type that is made, by logical id. */
export const resourcesOf = <Schema extends z.ZodType>(
  template: Template,
  type: string,
  schema: Schema,
): Map<string, z.output<Schema>> =>
  new Map(
    Object.entries(template.Resources)
      .filter(([, resource]) => resource.Type === type && resource.Condition === undefined)
      .map(([id, resource]) => [id, schema.parse(resource.Properties)]),
  )

const functionSchema = z.object({
  FunctionName: z.string(),
  Handler: z.string(),
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  Timeout: z.int(),
  MemorySize: z.int(),
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
