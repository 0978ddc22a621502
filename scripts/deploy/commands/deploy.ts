import { rm } from 'node:fs/promises'
import { relative } from 'node:path'
import pMap from 'p-map'
import { adoptTables } from '../adopt-tables.ts'
import { approve } from '../approve.ts'
import type { Arguments } from '../arguments.ts'
import { ensureArtifactsBucket, listKeys, upload } from '../artifacts.ts'
import { createChangeSet, executeChangeSet } from '../change-sets.ts'
import { type Account, check, type Ready } from '../checks.ts'
import { requireConcurrency } from '../concurrency.ts'
import { connectStripe } from '../connect-stripe.ts'
import { requireCostExplorer } from '../cost-explorer.ts'
import { foresee } from '../foresee.ts'
import type { StagePackage } from '../package-stage.ts'
import { DeployProblem } from '../problem.ts'
import { noteRelease, uploadTemplate } from '../releases.ts'
import { runSmokeTest } from '../run-smoke-test.ts'
import { newSecretsOf, secretsVersionOf, writeSecret } from '../secrets.ts'
import type { Session } from '../session.ts'
import { apiUrlOf, deleteStack, isServing, isStillborn, readStack, type Stack } from '../stacks.ts'
import { isProduction, namesOf } from '../stage.ts'
import { currentSuffix } from '../tables-suffix.ts'
import { canonicalJson, finishTemplate } from '../template.ts'

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
    if (ready.account) await requireCostExplorer(session, packed.compiled, ready.account.stack)
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
