import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { OpsProblem } from './problem.ts'
import type { ClientOptions } from './target.ts'

/** What CloudFormation says of a stage. */
export interface Stack {
  readonly name: string
  /** CloudFormation's own word, such as UPDATE_COMPLETE. */
  readonly status: string
  readonly changedAtMs: number | undefined
  readonly outputs: Readonly<Record<string, string>>
}

/** @throws {OpsProblem} when there is no such stack */
export const readStack = async (options: ClientOptions, name: string): Promise<Stack> => {
  const client = new CloudFormationClient(options)
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }))
    const [stack] = Stacks
    if (!stack) throw missing(name, options.region)
    const outputs = (stack.Outputs ?? []).flatMap(({ OutputKey, OutputValue }) =>
      OutputKey === undefined || OutputValue === undefined ? [] : [[OutputKey, OutputValue] as const],
    )
    return {
      name,
      status: stack.StackStatus ?? 'unknown',
      changedAtMs: (stack.LastUpdatedTime ?? stack.CreationTime)?.getTime(),
      outputs: Object.fromEntries(outputs),
    }
  } catch (error) {
    throw isMissing(error) ? missing(name, options.region) : error
  } finally {
    client.destroy()
  }
}

/**
 * An output that the stack must have.
 * @throws {OpsProblem} when an older deployment hasn't got it
 */
export const outputOf = (stack: Stack, output: string): string => {
  const value = stack.outputs[output]
  if (value === undefined) {
    throw new OpsProblem(
      `The stack ${stack.name} has no output ${output}. Deploy it again: ./deploy.sh <stage>`,
    )
  }
  return value
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist')

const missing = (name: string, region: string): OpsProblem =>
  new OpsProblem(
    `There is no stack ${name} in ${region}. Check --stage and --region, and which account you are signed in to.`,
  )
