import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'
import { isServing, problemOfStack, readStack, type Stack } from './stacks.ts'
import { namesOf } from './stage.ts'

/**
 * The stage's stack.
 * @throws {DeployProblem} when it isn't there, or can't be changed now
 */
export const requireServing = async ({ aws, stage }: Session): Promise<Stack> => {
  const stack = await readStack(aws, namesOf(stage).stack)
  if (isServing(stack)) return stack
  throw new DeployProblem(
    problemOfStack(stack, aws.region) ??
      `${stage} is not deployed in ${aws.region}: ./deploy.sh ${stage} deploys it; --region names another region.`,
  )
}
