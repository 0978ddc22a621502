import type { Arguments } from '../arguments.ts'
import { DeployProblem } from '../problem.ts'
import type { Session } from '../session.ts'
import { readResources } from '../stacks.ts'
import { namesOf } from '../stage.ts'

/** `./deploy.sh <stage> logs <function>`: what a function has logged. */
export const logs = async (session: Session, args: Arguments): Promise<void> => {
  const { aws, stage, say } = session
  const { stack, functionPrefix } = namesOf(stage)
  const names = (await readResources(aws, stack))
    .filter(({ ResourceType }) => ResourceType === 'AWS::Lambda::Function')
    .flatMap(({ PhysicalResourceId: name }) => (name ? [name.slice(functionPrefix.length)] : []))
    .sort()
  const wanted = args.operand ?? ''
  if (!names.includes(wanted)) {
    throw new DeployProblem(`${stage} has no function "${wanted}". It has: ${names.join(', ')}`)
  }
  const group = `/aws/lambda/${functionPrefix}${wanted}`
  const command = ['logs', 'tail', group, '--since', args.since, '--format', 'short']
  if (args.follow) await session.show([...command, '--follow', '--region', aws.region])
  else say((await aws.call(command)).trimEnd() || `${wanted} has logged nothing since ${args.since} ago.`)
}
