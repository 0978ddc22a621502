import { rm } from 'node:fs/promises'
import { relative } from 'node:path'
import pMap from 'p-map'
import * as z from 'zod'
import { adoptTables, switchingRelease } from '../adopt-tables.ts'
import { approve } from '../approve.ts'
import type { Arguments } from '../arguments.ts'
import { ensureArtifactsBucket, listKeys, readArtifactsBucket, upload } from '../artifacts.ts'
import { isDenied } from '../aws-cli.ts'
import { createChangeSet, executeChangeSet } from '../change-sets.ts'
import { type Account, check, type Ready } from '../checks.ts'
import { foresee } from '../foresee.ts'
import type { StagePackage } from '../package-stage.ts'
import { DeployProblem } from '../problem.ts'
import { noteRelease, readRelease, readReleaseKeys, uploadTemplate } from '../releases.ts'
import { runSmokeTest } from '../run-smoke-test.ts'
import { newSecretsOf, readSecrets, secretsVersionOf, writeSecret } from '../secrets.ts'
import type { Session } from '../session.ts'
import { deleteStack, isServing, isStillborn, readResources, readStack, type Stack } from '../stacks.ts'
import { isProduction, namesOf } from '../stage.ts'
import { deleteEndpoints, ensureEndpoint, stripeClient, webhookPath } from '../stripe-endpoint.ts'
import { canonicalJson, finishTemplate, type Template } from '../template.ts'

const uploadsAtOnce = 4

/** `./deploy.sh <stage>`: puts what is in the project's directory into service. */
export const deploy = async (session: Session, args: Arguments): Promise<void> => {
  const ready = await check(session, args)
  introduce(session, ready)
  const account = ready.account
  const tablesSuffix = account ? await currentSuffix(session, account.stack) : ''
  await deployReady(session, args, ready, tablesSuffix)
}

/** @param tablesSuffix what the names of the ledger's tables end in */
export const deployReady = async (
  session: Session,
  args: Arguments,
  ready: Ready,
  tablesSuffix: string,
): Promise<void> => {
  const { say, stage, aws } = session
  say('Building the functions …')
  const packed = await session.packageStage({
    stage,
    region: aws.region,
    variables: { ...ready.settings.plain, TABLES_SUFFIX: tablesSuffix },
  })
  try {
    if (args.dryRun || ready.account === undefined) await foresee(session, ready, packed)
    else await putIntoService(session, args, ready, ready.account, packed, tablesSuffix)
  } finally {
    await rm(packed.directory, { recursive: true, force: true })
  }
}

const introduce = ({ say, stage, aws }: Session, { account, settings, warnings, unchecked }: Ready): void => {
  const where = account ? `account ${account.id}, as ${account.caller}` : 'no account'
  say(`${stage} in ${aws.region} (${where}): version ${settings.version}`)
  if (settings.version.endsWith('-dirty')) say('  note: what is deployed has changes that are in no commit.')
  for (const warning of warnings) say(`  note: ${warning}`)
  for (const text of unchecked) say(`  not checked: ${text}`)
}

/** What the ledger's tables end in now; after the stack was removed, what they last ended in. */
const currentSuffix = async (session: Session, stack: Stack | undefined): Promise<string> => {
  if (isServing(stack) && stack.outputs.Release === switchingRelease) return switchedSuffix(session, stack)
  if (isServing(stack) && stack.outputs.Release !== undefined) return stack.outputs.TablesSuffix ?? ''
  const bucket = await readArtifactsBucket(session)
  if (bucket === undefined) return ''
  const [newest] = await readReleaseKeys(session, bucket)
  const release = newest && (await readRelease(session, bucket, newest))
  return release ? release.tables_suffix : ''
}

/** A switch of tables that was broken off goes on with those that the stack has by now. */
const switchedSuffix = async ({ aws, stage }: Session, stack: Stack): Promise<string> => {
  const former = `${namesOf(stage).tablePrefix}users`
  const tables = (await readResources(aws, stack.name)).filter(
    ({ ResourceType: type }) => type === 'AWS::DynamoDB::Table',
  )
  const users = tables.find(({ PhysicalResourceId: name }) => name?.startsWith(former))
  return users?.PhysicalResourceId?.slice(former.length) ?? stack.outputs.TablesSuffix ?? ''
}

const putIntoService = async (
  session: Session,
  args: Arguments,
  ready: Ready,
  account: Account,
  packed: StagePackage,
  tablesSuffix: string,
): Promise<void> => {
  const { stage, say } = session
  const { settings } = ready
  await requireConcurrency(session, packed.compiled)
  await clearRemains(session, account.stack)

  const bucket = await ensureArtifactsBucket(session)
  await uploadCode(session, bucket, packed)
  const codeKeys = new Map([...packed.zips].map(([name, { key }]) => [name, key]))
  const { template, release } = finishTemplate(packed.compiled, bucket, codeKeys)
  const secrets = newSecretsOf(settings.secrets, account.kept)
  if (secrets.size > 0) say(`Secrets to be written: ${[...secrets.keys()].join(', ')}`)
  const secretsVersion = secretsVersionOf(account.kept, secrets.keys())
  if (isInService(account.stack, release, secretsVersion)) {
    say('The stack is as it should be: nothing to change.')
  } else {
    const hasStack = await adoptTables(session, args, bucket, template, account.stack)
    const changeSet = await createChangeSet(session, {
      stackName: namesOf(stage).stack,
      type: hasStack ? 'UPDATE' : 'CREATE',
      templateUrl: await uploadTemplate(session, bucket, release, canonicalJson(template)),
      secretsVersion,
    })
    if (changeSet) await approve(session, changeSet, args)
    for (const [name, value] of secrets) await writeSecret(session.aws, stage, name, value)
    if (changeSet) await executeChangeSet(session, changeSet)
  }

  const stack = await requireStack(session)
  await noteRelease(session, bucket, {
    release,
    version: settings.version,
    secrets_version: secretsVersion,
    tables_suffix: tablesSuffix,
    extension_id: settings.extensionId,
  })
  await connectStripe(session, ready, account, stack)
  await finish(session, ready, stack)
}

/** Whether a stack was made from a template, and its functions have read the secrets as they are. */
const isInService = (stack: Stack | undefined, release: string, secretsVersion: string): boolean =>
  isServing(stack) && stack.outputs.Release === release && stack.parameters.SecretsVersion === secretsVersion

/** What a first deployment left that failed never served, and stands in the way of the next. */
const clearRemains = async (session: Session, stack: Stack | undefined): Promise<void> => {
  if (!isStillborn(stack)) return
  session.say('Clearing away what the failed first deployment left (tables stay) …')
  await deleteStack(session, stack)
}

const limitSchema = z.object({ AccountLimit: z.object({ ConcurrentExecutions: z.int() }) })
const reservedSchema = z.object({ ReservedConcurrentExecutions: z.int() })
/** AWS keeps this many for the functions that reserve none. */
const unreservedAtLeast = 100

/** @throws {DeployProblem} when the functions reserve more than the account may run at once */
const requireConcurrency = async (session: Session, template: Template): Promise<void> => {
  const reserved = Object.values(template.Resources)
    .map(({ Properties }) => reservedSchema.safeParse(Properties))
    .reduce((sum, result) => sum + (result.data?.ReservedConcurrentExecutions ?? 0), 0)
  if (reserved === 0) return
  const limit = await concurrencyLimit(session)
  if (limit === undefined || limit - unreservedAtLeast >= reserved) return
  throw new DeployProblem(
    `RESERVED_CONCURRENCY=on reserves ${reserved} concurrent executions, and this account may run ` +
      `${limit} (${unreservedAtLeast} of them unreserved). Set it to off, or ask AWS to raise the ` +
      'quota "Concurrent executions" of Lambda. Nothing was changed.',
  )
}

/** How many executions the account may run at once; undefined where that may not be asked. */
const concurrencyLimit = async ({ aws, say }: Session): Promise<number | undefined> => {
  try {
    const { AccountLimit: limit } = await aws.json(limitSchema, 'lambda', 'get-account-settings')
    return limit.ConcurrentExecutions
  } catch (error) {
    if (!isDenied(error)) throw error
    say('  not checked: whether the account may reserve so much concurrency.')
    return undefined
  }
}

const uploadCode = async (session: Session, bucket: string, packed: StagePackage): Promise<void> => {
  const present = new Set(await listKeys(session, bucket, 'functions/'))
  const byKey = new Map([...packed.zips.values()].map(zip => [zip.key, zip]))
  const missing = [...byKey.values()].filter(({ key }) => !present.has(key))
  if (missing.length > 0) session.say(`Uploading ${missing.length} of ${byKey.size} functions …`)
  await pMap(missing, ({ key, file }) => upload(session, bucket, key, file), { concurrency: uploadsAtOnce })
}

const requireStack = async ({ aws, stage }: Session): Promise<Stack> => {
  const { stack: name } = namesOf(stage)
  const stack = await readStack(aws, name)
  if (stack === undefined) throw new DeployProblem(`The stack ${name} is gone: somebody has deleted it.`)
  return stack
}

/** Sees to Stripe's webhook endpoint and its secret, and starts the functions anew where they know another. */
const connectStripe = async (
  session: Session,
  ready: Ready,
  account: Account,
  stack: Stack,
): Promise<void> => {
  const { aws, stage, say } = session
  const { stripeKey, settings } = ready
  const kept = await readSecrets(aws, stage)
  if (stripeKey === undefined || settings.secrets.STRIPE_WEBHOOK_SECRET !== undefined) {
    await restartForSecrets(session, stack)
    return
  }
  const stripe = stripeClient(stripeKey, session.stripeApiUrl)
  const { done, stale } = await ensureEndpoint(stripe, {
    stage,
    region: aws.region,
    account: account.id,
    url: `${apiUrlOf(stack)}${webhookPath}`,
    secret: kept.get('STRIPE_WEBHOOK_SECRET')?.value,
    keep: secret => writeSecret(aws, stage, 'STRIPE_WEBHOOK_SECRET', secret),
  })
  if (done !== 'nothing') say(`Stripe's webhook endpoint: ${done}.`)
  await restartForSecrets(session, stack)
  await deleteEndpoints(stripe, stale)
}

/** A function reads its secrets when it starts, and starts anew when its environment changes. */
const restartForSecrets = async (session: Session, stack: Stack): Promise<void> => {
  const version = secretsVersionOf(await readSecrets(session.aws, session.stage))
  if (stack.parameters.SecretsVersion === version) return
  session.say('Starting the functions anew, with the secrets as they are now …')
  const changeSet = await createChangeSet(session, {
    stackName: stack.name,
    type: 'UPDATE',
    templateUrl: undefined,
    secretsVersion: version,
  })
  if (changeSet !== undefined) await executeChangeSet(session, changeSet)
}

const apiUrlOf = (stack: Stack): string => {
  const url = stack.outputs.ApiUrl
  if (url === undefined) throw new DeployProblem(`The stack ${stack.name} has no output ApiUrl.`)
  return url
}

const finish = async (session: Session, ready: Ready, stack: Stack): Promise<void> => {
  const { say, stage } = session
  const { settings } = ready
  const apiUrl = apiUrlOf(stack)
  say('Building the extension …')
  const zip = await session.buildExtension(stage, apiUrl)
  await runSmokeTest(session, { apiUrl, extensionId: settings.extensionId, version: settings.version })
  say(
    [
      '',
      `${stage} is in service.`,
      `  API          ${apiUrl}`,
      `  extension    ${relative(session.projectDir, zip.file)}`,
      `  version      ${settings.version}`,
      '',
      'Next:',
      ...nextSteps(stage, settings.hasExtensionId),
      `  how it is:   ./deploy.sh ${stage} status`,
      `  to go back:  ./deploy.sh ${stage} rollback`,
    ].join('\n'),
  )
}

const nextSteps = (stage: string, hasExtensionId: boolean): string[] => {
  if (hasExtensionId)
    return ['  upload the zip at https://chrome.google.com/webstore/devconsole if it has changed']
  return [
    '  1. upload the zip at https://chrome.google.com/webstore/devconsole: the store gives it an id',
    `  2. put the id into .env.${stage} as EXTENSION_ID and run ./deploy.sh ${stage} again: until then nobody from the store is let in`,
    ...(isProduction(stage) ? ['  3. confirm the mail that AWS sends to ALARM_EMAIL'] : []),
  ]
}
