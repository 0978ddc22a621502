import * as z from 'zod'
import type { AwsCli } from './aws-cli.ts'
import { type Template, templateSchema } from './template.ts'

/** The template that a stack was last made from. */
export const readTemplate = async (aws: AwsCli, stackName: string): Promise<Template> => {
  const { TemplateBody: body } = await aws.json(
    z.object({ TemplateBody: z.unknown() }),
    'cloudformation',
    'get-template',
    '--stack-name',
    stackName,
  )
  return templateSchema.parse(typeof body === 'string' ? JSON.parse(body) : body)
}
