import { switchingRelease } from './adopt-tables.ts'
import { readArtifactsBucket } from './artifacts.ts'
import { readRelease, readReleaseKeys } from './releases.ts'
import type { Session } from './session.ts'
import { isServing, readResources, type Stack } from './stacks.ts'
import { namesOf } from './stage.ts'

/** What the ledger's tables end in now; after the stack was removed, what they last ended in. */
export const currentSuffix = async (session: Session, stack: Stack | undefined): Promise<string> => {
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
