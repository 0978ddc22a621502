import { approve } from '../approve.ts'
import type { Arguments } from '../arguments.ts'
import { readArtifactsBucket, urlOf } from '../artifacts.ts'
import { createChangeSet, dropChangeSet, executeChangeSet } from '../change-sets.ts'
import { describeChanges, hasLoss } from '../changes.ts'
import { DeployProblem } from '../problem.ts'
import { noteRelease, type Release, readRelease, readReleaseKeys, releaseOfKey } from '../releases.ts'
import { requireServing } from '../require-serving.ts'
import { runSmokeTest } from '../run-smoke-test.ts'
import { readSecrets, secretsVersionOf } from '../secrets.ts'
import type { Session } from '../session.ts'

/** `./deploy.sh <stage> rollback`: puts the release before this one back into service, or the one that `--to` names. */
export const rollback = async (session: Session, args: Arguments): Promise<void> => {
  const { aws, stage, say } = session
  const stack = await requireServing(session)
  const bucket = await readArtifactsBucket(session)
  if (bucket === undefined) throw new DeployProblem('There is no bucket of releases: nothing to go back to.')
  const target = await findRelease(session, bucket, stack.outputs.Release, args.release)
  say(
    `Back to version ${target.version}, as it was put into service at ${target.released_at} (release ${target.release}).`,
  )

  const secretsVersion = secretsVersionOf(await readSecrets(aws, stage))
  const changeSet = await createChangeSet(session, {
    stackName: stack.name,
    type: 'UPDATE',
    templateUrl: urlOf(bucket, target.template_key, aws.region),
    secretsVersion,
  })
  if (changeSet === undefined) {
    say('That release is in service already: nothing to change.')
    return
  }
  if (args.dryRun || hasLoss(changeSet.changes)) {
    say(describeChanges(changeSet.changes))
    await dropChangeSet(session, changeSet)
    if (args.dryRun) return
    throw new DeployProblem(
      'Going back to that release would replace or delete something with data. Nothing was changed. ' +
        'Deploy a version that keeps it instead; docs/runbooks/rollback.md says how.',
    )
  }
  await approve(session, changeSet, args)
  await executeChangeSet(session, changeSet)
  await noteRelease(session, bucket, { ...target, secrets_version: secretsVersion })
  const apiUrl = stack.outputs.ApiUrl ?? ''
  await runSmokeTest(session, { apiUrl, extensionId: target.extension_id, version: target.version })
  say(`\n${stage} is back at ${target.version}. To undo this: ./deploy.sh ${stage} rollback`)
}

const findRelease = async (
  session: Session,
  bucket: string,
  current: string | undefined,
  wanted: string | undefined,
): Promise<Release> => {
  const keys = (await readReleaseKeys(session, bucket)).filter(key => releaseOfKey(key) !== current)
  for (const key of keys) {
    const release = await readRelease(session, bucket, key)
    if (release === undefined) continue
    if (wanted === undefined || release.release === wanted || release.version === wanted) return release
  }
  throw new DeployProblem(
    wanted === undefined
      ? `${session.stage} has no release before this one.`
      : `${session.stage} has no release ${wanted}. ./deploy.sh ${session.stage} status lists the last ones.`,
  )
}
