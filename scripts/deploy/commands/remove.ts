import * as z from 'zod'
import { readTable } from '../adopt-tables.ts'
import type { Arguments } from '../arguments.ts'
import { readArtifactsBucket } from '../artifacts.ts'
import { DeployProblem } from '../problem.ts'
import { readSecrets } from '../secrets.ts'
import type { Session } from '../session.ts'
import { smokeEmail } from '../smoke-test.ts'
import { deleteStack, isUnborn, readStack } from '../stacks.ts'
import { isProduction, namesOf } from '../stage.ts'
import { deleteEndpoints, endpointsOf, isOfPlace, stripeClient } from '../stripe-endpoint.ts'

const tableOutputs = ['UsersTableName', 'UsageTableName', 'TransactionsTableName'] as const
/** The smoke test's account is three items; more are somebody's. */
const lookedAt = 10

/**
 * `./deploy.sh <stage> remove`: takes a stage out of service. Tables, secrets and releases stay. Stripe's endpoint goes
 * after the stack, so that what goes on serving is still told of payments; where there is no stack any more, what was
 * left at Stripe is cleared away.
 */
export const remove = async (session: Session, args: Arguments): Promise<void> => {
  const { aws, stage, say } = session
  const stack = await readStack(aws, namesOf(stage).stack)
  if (isUnborn(stack) || stack === undefined) {
    if (!args.dryRun) await disconnectStripe(session)
    say(`${stage} is not deployed in ${aws.region}.`)
    return
  }
  if (stack.status.endsWith('_IN_PROGRESS')) {
    throw new DeployProblem(
      `The stack ${stack.name} is being changed (${stack.status}). Wait until it has ended.`,
    )
  }
  const tables = tableOutputs.flatMap(output => stack.outputs[output] ?? [])
  await refuseWithData(session, tables)
  if (args.dryRun) {
    say(
      `The stack ${stack.name} and Stripe's webhook endpoint would be deleted. ${whatStays(stage, tables, undefined)}`,
    )
    return
  }
  await requireName(session, args)
  say('Deleting the stack …')
  await deleteStack(session, stack)
  await disconnectStripe(session)
  say(`${stage} is out of service. ${whatStays(stage, tables, await readArtifactsBucket(session))}`)
}

const requireName = async ({ ask, stage }: Session, { confirmed }: Arguments): Promise<void> => {
  if (confirmed === stage) return
  if (!ask.isAnswered || confirmed !== undefined) {
    throw new DeployProblem(`Nothing was changed. To remove ${stage} without being asked: --confirm ${stage}`)
  }
  const question = `Nobody can use ${stage} any more after this. Type ${stage} to remove it:`
  if (!(await ask.typed(question, stage)))
    throw new DeployProblem('Nothing was changed, for the stage was not typed.')
}

const textSchema = z.object({ S: z.string() }).optional()
const rowsSchema = z.object({
  Items: z.array(z.object({ user_id: textSchema, email: textSchema })).default([]),
})

/** @throws {DeployProblem} when production's tables hold more than the account of the smoke test */
const refuseWithData = async (session: Session, tables: readonly string[]): Promise<void> => {
  if (!isProduction(session.stage)) return
  const ours = new Set([`email#${smokeEmail}`])
  for (const table of tables) {
    if ((await readTable(session, table)) === undefined) continue
    const rows = await firstRows(session, table)
    for (const { id, email } of rows) if (email === smokeEmail) ours.add(id)
    if (rows.every(({ id }) => ours.has(id))) continue
    throw new DeployProblem(
      `${table} holds data of listeners, and ${session.stage} is production: it is not removed. Nothing was changed. ` +
        'Who really means it exports the table, empties it and runs this again.',
    )
  }
}

/** Whose the first rows of a table are: they tell whether it holds anything. */
const firstRows = async (
  { aws }: Session,
  table: string,
): Promise<{ id: string; email: string | undefined }[]> => {
  const { Items: items } = await aws.json(
    rowsSchema,
    'dynamodb',
    'scan',
    '--table-name',
    table,
    '--limit',
    String(lookedAt),
    '--no-paginate',
    '--projection-expression',
    'user_id, email',
  )
  return items.map(({ user_id: id, email }) => ({ id: id?.S ?? '', email: email?.S }))
}

const identitySchema = z.object({ Account: z.string() })

/** Events that Stripe would send to nobody: the next deployment makes another endpoint. */
const disconnectStripe = async ({ aws, stage, stripeApiUrl }: Session): Promise<void> => {
  const key = (await readSecrets(aws, stage)).get('STRIPE_SECRET_KEY')?.value
  if (key === undefined) return
  const { Account: account } = await aws.json(identitySchema, 'sts', 'get-caller-identity')
  const stripe = stripeClient(key, stripeApiUrl)
  const endpoints = await endpointsOf(stripe, stage)
  await deleteEndpoints(
    stripe,
    endpoints.filter(endpoint => isOfPlace(endpoint, { account, region: aws.region })),
  )
}

const whatStays = (stage: string, tables: readonly string[], bucket: string | undefined): string =>
  [
    'What stays, so that nothing is lost:',
    `  tables      ${tables.join(', ') || 'none'}: $0.25 a GB and month, and $0.20 for going back in time`,
    `  secrets     ${namesOf(stage).secretsPath}/… in SSM: free`,
    `  releases    ${bucket ?? 'the bucket of releases'}: some cents a month`,
    `./deploy.sh ${stage} takes the tables in again.`,
  ].join('\n')
