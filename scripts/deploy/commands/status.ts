import * as z from 'zod'
import { readAlarmMail } from '../alarm-mail.ts'
import type { Arguments } from '../arguments.ts'
import { readArtifactsBucket } from '../artifacts.ts'
import { DeployProblem } from '../problem.ts'
import { readRelease, readReleaseKeys } from '../releases.ts'
import type { Session } from '../session.ts'
import { isServing, readStack, type Stack } from '../stacks.ts'
import { isProduction, namesOf } from '../stage.ts'

const shownReleases = 5
const healthTimeoutMs = 10_000

/**
 * `./deploy.sh <stage> status`: what is deployed, and whether it is well.
 * @throws {DeployProblem} when something is wrong, after it has told everything
 */
export const status = async (session: Session, _args: Arguments): Promise<void> => {
  const { aws, stage, say } = session
  const stack = await readStack(aws, namesOf(stage).stack)
  if (stack === undefined) {
    throw new DeployProblem(`${stage} is not deployed in ${aws.region}. ./deploy.sh ${stage} does it.`)
  }
  const troubles: string[] = []
  const tell = (name: string, text: string, isTrouble = false): void => {
    say(`${name.padEnd(14)} ${text}`)
    if (isTrouble) troubles.push(name)
  }
  tell('stack', `${stack.status}, ${stack.changedAt ?? 'unchanged'}`, !isServing(stack))
  tell('version', stack.outputs.Version ?? 'unknown')
  tell('API', stack.outputs.ApiUrl ?? 'unknown')
  tell('tables', stack.outputs.UsersTableName ?? 'unknown')
  for (const text of await lastReleases(session)) tell('release', text)
  const health = await askHealth(stack)
  tell('health', health, health !== 'healthy')
  const alarms = await alarmsOf(session)
  tell('alarms', alarms.length === 0 ? 'none' : alarms.join(', '), alarms.length > 0)
  const topicArn = stack.outputs.AlarmTopicArn
  if (topicArn !== undefined) {
    const { state, text } = await readAlarmMail(aws, stack.name, topicArn)
    // Elsewhere than in production nobody need be told.
    tell('alarm mail', text, state !== 'confirmed' && (state !== 'nobody' || isProduction(stage)))
  }
  const dead = await deadLettersOf(session, stack)
  if (dead !== undefined) tell('dead letters', String(dead), dead > 0)
  if (troubles.length > 0)
    throw new DeployProblem(`Not well: ${troubles.join(', ')}. docs/runbooks says what to do.`)
}

const lastReleases = async (session: Session): Promise<string[]> => {
  const bucket = await readArtifactsBucket(session)
  if (bucket === undefined) return []
  const keys = (await readReleaseKeys(session, bucket)).slice(0, shownReleases)
  const releases = await Promise.all(keys.map(key => readRelease(session, bucket, key)))
  return releases.flatMap(release =>
    release ? [`${release.released_at}  ${release.version}  ${release.release}`] : [],
  )
}

const healthSchema = z.object({ status: z.string(), problems: z.array(z.string()).default([]) })

const askHealth = async (stack: Stack): Promise<string> => {
  try {
    const response = await fetch(`${stack.outputs.ApiUrl}/health`, {
      signal: AbortSignal.timeout(healthTimeoutMs),
    })
    const { status: state, problems } = healthSchema.parse(await response.json())
    return [state, ...problems].join('; ')
  } catch {
    return 'no answer'
  }
}

const alarmsSchema = z.object({ MetricAlarms: z.array(z.object({ AlarmName: z.string() })).default([]) })

const alarmsOf = async ({ aws, stage }: Session): Promise<string[]> => {
  const { MetricAlarms: alarms } = await aws.json(
    alarmsSchema,
    'cloudwatch',
    'describe-alarms',
    '--state-value',
    'ALARM',
    '--alarm-name-prefix',
    namesOf(stage).alarmPrefix,
  )
  return alarms.map(({ AlarmName }) => AlarmName)
}

const queueSchema = z.object({ Attributes: z.object({ ApproximateNumberOfMessages: z.coerce.number() }) })

const deadLettersOf = async ({ aws }: Session, stack: Stack): Promise<number | undefined> => {
  const url = stack.outputs.DeadLettersUrl
  if (url === undefined) return undefined
  const { Attributes: attributes } = await aws.json(
    queueSchema,
    'sqs',
    'get-queue-attributes',
    '--queue-url',
    url,
    '--attribute-names',
    'ApproximateNumberOfMessages',
  )
  return attributes.ApproximateNumberOfMessages
}
