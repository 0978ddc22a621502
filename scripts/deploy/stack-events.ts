import * as z from 'zod'
import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'
import { problemOfStack } from './stacks.ts'
import { waitFor } from './wait-for.ts'

const eventSchema = z.object({
  EventId: z.string(),
  StackName: z.string(),
  LogicalResourceId: z.string(),
  ResourceType: z.string(),
  ResourceStatus: z.string(),
  ResourceStatusReason: z.string().optional(),
  ClientRequestToken: z.string().optional(),
})
type StackEvent = z.output<typeof eventSchema>

/** Of a stack's events, asked for again and again: more than come in between. */
const newestEvents = 200
const succeeded = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE'])

/**
 * Tells how far a stack is until it has ended.
 * @param token with which it was begun
 * @param total of the resources that change
 * @throws {DeployProblem} with what failed, and how to go on
 */
export const followOperation = async (
  session: Session,
  stackName: string,
  token: string,
  total: number,
): Promise<void> => {
  const seen = new Map<string, StackEvent>()
  const told = { done: 0, failed: 0 }
  const status = await waitFor(session, `What was begun with ${stackName}`, async () => {
    for (const event of await readEvents(session, stackName, token)) seen.set(event.EventId, event)
    const events = [...seen.values()]
    const failed = events.filter(hasFailed)
    const done = countDone(events)
    for (const event of failed.slice(told.failed)) session.say(`  ${describe(event)}`)
    if (done > told.done) session.say(`  ${done} of ${total} resources done`)
    Object.assign(told, { done, failed: failed.length })
    return events.find(hasEnded)?.ResourceStatus
  })
  if (succeeded.has(status)) return
  const failed = [...seen.values()].filter(hasFailed)
  throw new DeployProblem(explain(stackName, status, failed, session.aws.region))
}

const hasFailed = (event: StackEvent): boolean => event.ResourceStatus.endsWith('_FAILED')

const countDone = (events: readonly StackEvent[]): number => {
  const done = events.filter(event => event.ResourceStatus.endsWith('_COMPLETE') && !hasEnded(event))
  return new Set(done.map(({ LogicalResourceId: id }) => id)).size
}

const describe = ({
  ResourceStatus: status,
  LogicalResourceId: id,
  ResourceStatusReason: reason,
}: StackEvent): string => `${status} ${id}${reason ? `: ${reason}` : ''}`

/** Whether it is the stack's own last word. */
const hasEnded = (event: StackEvent): boolean =>
  event.ResourceType === 'AWS::CloudFormation::Stack' &&
  event.LogicalResourceId === event.StackName &&
  !event.ResourceStatus.endsWith('_IN_PROGRESS')

/** The oldest first. */
const readEvents = async ({ aws }: Session, stackName: string, token: string): Promise<StackEvent[]> => {
  const { StackEvents: events } = await aws.json(
    z.object({ StackEvents: z.array(eventSchema) }),
    'cloudformation',
    'describe-stack-events',
    '--stack-name',
    stackName,
    '--max-items',
    String(newestEvents),
  )
  return events.filter(event => event.ClientRequestToken === token).reverse()
}

const explain = (
  stackName: string,
  status: string,
  failed: readonly StackEvent[],
  region: string,
): string => {
  // What was broken off because something else failed says nothing new.
  const causes = failed.filter(event => !/cancelled/i.test(event.ResourceStatusReason ?? ''))
  const reasons = causes.map(
    event =>
      `  ${event.LogicalResourceId} (${event.ResourceType}): ${event.ResourceStatusReason ?? event.ResourceStatus}`,
  )
  return [
    `CloudFormation could not finish (${status}):`,
    ...new Set(reasons),
    consequence(stackName, status, region),
  ].join('\n')
}

const consequence = (stackName: string, status: string, region: string): string => {
  if (status === 'UPDATE_ROLLBACK_COMPLETE' || status === 'IMPORT_ROLLBACK_COMPLETE') {
    return 'It has gone back: the version from before serves, as it did. Mend the cause and run the same command again.'
  }
  if (status === 'ROLLBACK_COMPLETE') {
    return 'Nothing served before. Mend the cause and run the same command again: it clears away what is left.'
  }
  const problem = problemOfStack({ name: stackName, status }, region) ?? ''
  const before = /^(CREATE|ROLLBACK)_/.test(status) ? 'Nothing served before. ' : ''
  return `${before}${problem}\nThen run the same command again.`
}
