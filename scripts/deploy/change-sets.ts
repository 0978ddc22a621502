import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { type Change, changeSchema } from './changes.ts'
import { readEarlyRefusals } from './early-refusals.ts'
import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'
import { followOperation } from './stack-events.ts'
import { tagsOf } from './stage.ts'
import { waitFor } from './wait-for.ts'

/** What a change set makes of a stack. */
export interface ChangeSetOrder {
  readonly stackName: string
  readonly type: 'CREATE' | 'UPDATE' | 'IMPORT'
  /** Where the template is; undefined for the one that the stack has. */
  readonly templateUrl: string | undefined
  /** `previous` for the one that the stack has; undefined where the template knows none. */
  readonly secretsVersion: string | undefined
  /** What an IMPORT brings in. */
  readonly imports?: readonly ResourceToImport[]
}

export interface ResourceToImport {
  readonly ResourceType: string
  readonly LogicalResourceId: string
  readonly ResourceIdentifier: Readonly<Record<string, string>>
}

export interface ChangeSet {
  readonly stackName: string
  readonly name: string
  readonly changes: readonly Change[]
}

const descriptionSchema = z.object({
  Status: z.string(),
  StatusReason: z.string().optional(),
  Changes: z.array(z.object({ ResourceChange: changeSchema.optional() })).default([]),
})

const inTheMaking = new Set(['CREATE_PENDING', 'CREATE_IN_PROGRESS'])
const nothingToDo = /didn't contain changes|No updates are to be performed/

/**
 * Asks CloudFormation what it would do. Nothing is changed by it.
 * @returns undefined when nothing would change
 * @throws {DeployProblem} when CloudFormation can't do it
 */
export const createChangeSet = async (
  session: Session,
  order: ChangeSetOrder,
): Promise<ChangeSet | undefined> => {
  const { aws, nowMs } = session
  const { stackName } = order
  const name = `deploy-${nowMs()}-${randomUUID().slice(0, 8)}`
  const of = ['--stack-name', stackName, '--change-set-name', name]
  const { Id: id } = await aws.json(
    z.object({ Id: z.string() }),
    'cloudformation',
    'create-change-set',
    ...of,
    ...argumentsOf(session.stage, order),
  )
  const { Status, StatusReason, Changes } = await waitFor(
    session,
    `A change set of ${stackName}`,
    async () => {
      const now = await aws.json(descriptionSchema, 'cloudformation', 'describe-change-set', ...of)
      return inTheMaking.has(now.Status) ? undefined : now
    },
  )
  if (Status === 'CREATE_COMPLETE') {
    return { stackName, name, changes: Changes.flatMap(({ ResourceChange: change }) => change ?? []) }
  }
  const isNothing = nothingToDo.test(StatusReason ?? '')
  const refusals = isNothing ? [] : await readEarlyRefusals(session, id)
  await aws.call(['cloudformation', 'delete-change-set', ...of])
  if (isNothing) return undefined
  throw new DeployProblem(
    [
      `CloudFormation can't make this of ${stackName}, and has changed nothing: ${StatusReason ?? 'it gives no reason.'}`,
      ...refusals,
    ].join('\n'),
  )
}

const argumentsOf = (stage: string, order: ChangeSetOrder): string[] => [
  '--change-set-type',
  order.type,
  ...(order.templateUrl ? ['--template-url', order.templateUrl] : ['--use-previous-template']),
  ...parametersOf(order.secretsVersion),
  ...(order.imports ? ['--resources-to-import', JSON.stringify(order.imports)] : []),
  '--capabilities',
  'CAPABILITY_IAM',
  'CAPABILITY_NAMED_IAM',
  '--tags',
  ...tagsOf(stage),
]

const parametersOf = (secretsVersion: string | undefined): string[] => {
  if (secretsVersion === undefined) return []
  const value = secretsVersion === 'previous' ? 'UsePreviousValue=true' : `ParameterValue=${secretsVersion}`
  return ['--parameters', `ParameterKey=SecretsVersion,${value}`]
}

/** Forgets a change set that nobody wants. */
export const dropChangeSet = async ({ aws }: Session, { stackName, name }: ChangeSet): Promise<void> => {
  await aws.call([
    'cloudformation',
    'delete-change-set',
    '--stack-name',
    stackName,
    '--change-set-name',
    name,
  ])
}

/**
 * Carries a change set out and tells how it goes.
 * @throws {DeployProblem} with the reasons, when CloudFormation has gone back to what was there
 */
export const executeChangeSet = async (session: Session, changeSet: ChangeSet): Promise<void> => {
  const token = randomUUID()
  const { stackName, name, changes } = changeSet
  await session.aws.call([
    'cloudformation',
    'execute-change-set',
    '--stack-name',
    stackName,
    '--change-set-name',
    name,
    '--client-request-token',
    token,
  ])
  await followOperation(session, stackName, token, changes.length)
}
