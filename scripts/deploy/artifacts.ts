import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { AwsError } from './aws-cli.ts'
import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'
import { deleteStack, isServing, isStillborn, problemOfStack, readStack } from './stacks.ts'
import { namesOf, tagsOf } from './stage.ts'

const templateFile = 'infra/artifacts.yml'
const bucketOutput = 'BucketName'

/** The bucket of a stage's code, templates and releases; undefined where it isn't made yet. */
export const readArtifactsBucket = async ({ aws, stage }: Session): Promise<string | undefined> =>
  (await readStack(aws, namesOf(stage).artifactsStack))?.outputs[bucketOutput]

/** Makes sure of the bucket, in a small stack of its own: the service's stack is made from what is in it. */
export const ensureArtifactsBucket = async (session: Session): Promise<string> => {
  const { aws, stage } = session
  const { artifactsStack } = namesOf(stage)
  const stack = await readStack(aws, artifactsStack)
  const problem = problemOfStack(stack, aws.region)
  if (problem !== undefined) throw new DeployProblem(problem)
  if (isStillborn(stack)) await deleteStack(session, stack)
  if (!isServing(stack) || (await isOutdated(session))) await deployBucket(session)
  const bucket = await readArtifactsBucket(session)
  if (bucket === undefined)
    throw new DeployProblem(`The stack ${artifactsStack} has no output ${bucketOutput}.`)
  return bucket
}

const isOutdated = async ({ aws, stage, projectDir }: Session): Promise<boolean> => {
  const { TemplateBody: deployed } = await aws.json(
    z.object({ TemplateBody: z.string() }),
    'cloudformation',
    'get-template',
    '--stack-name',
    namesOf(stage).artifactsStack,
  )
  return deployed.trim() !== (await readFile(join(projectDir, templateFile), 'utf8')).trim()
}

const deployBucket = async ({ aws, stage, projectDir, say }: Session): Promise<void> => {
  say('Making the bucket for code and templates …')
  await aws.call([
    'cloudformation',
    'deploy',
    '--stack-name',
    namesOf(stage).artifactsStack,
    '--template-file',
    join(projectDir, templateFile),
    '--no-fail-on-empty-changeset',
    '--tags',
    ...tagsOf(stage).map(tag => tag.replace(/^Key=(.*),Value=/, '$1=')),
  ])
}

const objectsSchema = z.object({ Contents: z.array(z.object({ Key: z.string() })).nullish() })

/** The keys in a bucket that begin with `prefix`, in the order of the alphabet. */
export const listKeys = async ({ aws }: Session, bucket: string, prefix: string): Promise<string[]> => {
  const { Contents: objects } = await aws.json(
    objectsSchema,
    's3api',
    'list-objects-v2',
    '--bucket',
    bucket,
    '--prefix',
    prefix,
  )
  return (objects ?? []).map(({ Key }) => Key).sort()
}

/** Puts a file into a bucket. */
export const upload = async ({ aws }: Session, bucket: string, key: string, file: string): Promise<void> => {
  await aws.call(['s3api', 'put-object', '--bucket', bucket, '--key', key, '--body', file])
}

/** An object's text; undefined when there is none. */
export const readObject = async (
  { aws }: Session,
  bucket: string,
  key: string,
): Promise<string | undefined> => {
  try {
    return await aws.call(['s3', 'cp', `s3://${bucket}/${key}`, '-'])
  } catch (error) {
    if (error instanceof AwsError && /404|NoSuchKey|does not exist/.test(error.message)) return undefined
    throw error
  }
}

/** Where CloudFormation finds an object. */
export const urlOf = (bucket: string, key: string, region: string): string =>
  `https://${bucket}.s3.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}/${key}`
