import * as z from 'zod'
import { type AwsCli, AwsError } from './aws-cli.ts'
import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'
import { waitFor } from './wait-for.ts'

const stackSchema = z.object({
  StackId: z.string(),
  StackName: z.string(),
  StackStatus: z.string(),
  LastUpdatedTime: z.string().optional(),
  CreationTime: z.string().optional(),
  Outputs: z.array(z.object({ OutputKey: z.string(), OutputValue: z.string() })).default([]),
  Parameters: z
    .array(z.object({ ParameterKey: z.string(), ParameterValue: z.string().optional() }))
    .default([]),
})

export interface Stack {
  readonly id: string
  readonly name: string
  /** CloudFormation's own word, such as UPDATE_COMPLETE. */
  readonly status: string
  readonly changedAt: string | undefined
  readonly outputs: Readonly<Record<string, string>>
  readonly parameters: Readonly<Record<string, string>>
}

/** A stack of a name or id; undefined when there is none. */
export const readStack = async (aws: AwsCli, name: string): Promise<Stack | undefined> => {
  try {
    const { Stacks } = await aws.json(
      z.object({ Stacks: z.array(stackSchema) }),
      'cloudformation',
      'describe-stacks',
      '--stack-name',
      name,
    )
    const [stack] = Stacks
    return stack && toStack(stack)
  } catch (error) {
    if (
      error instanceof AwsError &&
      error.code === 'ValidationError' &&
      /does not exist/.test(error.message)
    ) {
      return undefined
    }
    throw error
  }
}

const toStack = (stack: z.output<typeof stackSchema>): Stack => ({
  id: stack.StackId,
  name: stack.StackName,
  status: stack.StackStatus,
  changedAt: stack.LastUpdatedTime ?? stack.CreationTime,
  outputs: Object.fromEntries(stack.Outputs.map(output => [output.OutputKey, output.OutputValue])),
  parameters: Object.fromEntries(
    stack.Parameters.map(parameter => [parameter.ParameterKey, parameter.ParameterValue ?? '']),
  ),
})

const serving = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
])

const stillborn = 'ROLLBACK_COMPLETE'

/** Whether a stack is there and can be changed. */
export const isServing = (stack: Stack | undefined): stack is Stack =>
  stack !== undefined && serving.has(stack.status)

/** Whether there is nothing yet but a change set that was never carried out. */
export const isUnborn = (stack: Pick<Stack, 'status'> | undefined): boolean =>
  stack === undefined || stack.status === 'REVIEW_IN_PROGRESS'

/** Whether a stack is what a first deployment left that failed: it never served, and is removed. */
export const isStillborn = (stack: Stack | undefined): stack is Stack => stack?.status === stillborn

/** What a first deployment, or a removal, leaves that has failed: there is nothing to go back to. */
const lost = new Set(['CREATE_FAILED', 'ROLLBACK_FAILED', 'DELETE_FAILED'])

/** Why a stack can't be worked on now, and what to do; undefined when it can. */
export const problemOfStack = (
  stack: Pick<Stack, 'name' | 'status'> | undefined,
  region: string,
): string | undefined => {
  if (stack === undefined || isUnborn(stack)) return undefined
  const { name, status } = stack
  if (serving.has(status) || status === stillborn) return undefined
  const command = (operation: string): string =>
    `aws cloudformation ${operation} --stack-name ${name} --region ${region}`
  if (status.endsWith('_IN_PROGRESS')) {
    return `The stack ${name} is being changed (${status}), by another deployment perhaps. Wait until it has ended.`
  }
  if (status === 'UPDATE_ROLLBACK_FAILED') {
    return (
      `The stack ${name} could not go back to its former version (${status}). Mend what its events name, then: ` +
      command('continue-update-rollback')
    )
  }
  if (status === 'UPDATE_FAILED') {
    return `The stack ${name} was left between two versions (${status}). Back to the former: ${command('rollback-stack')}`
  }
  if (lost.has(status)) {
    return `The stack ${name} is stuck (${status}). Its events say why; then remove it, tables stay: ${command('delete-stack')}`
  }
  return (
    `The stack ${name} is stuck (${status}). Don't delete it: what serves would go with it, and the API's address, ` +
    `which is built into the extension. Its events say why: ${command('describe-stack-events')}`
  )
}

/**
 * Where a stack's API is reached.
 * @throws {DeployProblem} when it doesn't say
 */
export const apiUrlOf = (stack: Stack): string => {
  const url = stack.outputs.ApiUrl
  if (url === undefined) throw new DeployProblem(`The stack ${stack.name} has no output ApiUrl.`)
  return url
}

const deleted = 'DELETE_COMPLETE'
/** How often a stack is looked at that doesn't seem to be deleted: half a minute. */
const mostUnmoved = 10

/**
 * Deletes a stack and waits for it.
 * @throws {DeployProblem} when it can't be deleted
 */
export const deleteStack = async (session: Session, stack: Stack): Promise<void> => {
  const { aws } = session
  await aws.call(['cloudformation', 'delete-stack', '--stack-name', stack.name])
  let unmoved = 0
  let hasBegun = false
  const status = await waitFor(session, `The deletion of ${stack.name}`, async () => {
    const now = (await readStack(aws, stack.id))?.status ?? deleted
    if (now === 'DELETE_IN_PROGRESS') {
      hasBegun = true
      return undefined
    }
    unmoved += 1
    // What failed to be deleted before looks the same until it is begun, and when it has failed again.
    return hasBegun || now !== stack.status || unmoved === mostUnmoved ? now : undefined
  })
  if (status === deleted) return
  throw new DeployProblem(
    `The stack ${stack.name} could not be deleted (${status}). Its events say why: ` +
      `aws cloudformation describe-stack-events --stack-name ${stack.name} --region ${aws.region}`,
  )
}

/** The second is what stays when it leaves the stack. */
const gone = new Set(['DELETE_COMPLETE', 'DELETE_SKIPPED'])

const resourceSchema = z.object({
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceType: z.string(),
  ResourceStatus: z.string(),
})
export type StackResource = z.output<typeof resourceSchema>

/** What a stack has, without what was deleted from it or left it. */
export const readResources = async (aws: AwsCli, stackName: string): Promise<StackResource[]> => {
  const { StackResourceSummaries: resources } = await aws.json(
    z.object({ StackResourceSummaries: z.array(resourceSchema).default([]) }),
    'cloudformation',
    'list-stack-resources',
    '--stack-name',
    stackName,
  )
  return resources.filter(resource => !gone.has(resource.ResourceStatus))
}
