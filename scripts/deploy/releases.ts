import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { listKeys, readObject, upload, urlOf } from './artifacts.ts'
import type { Session } from './session.ts'

const releaseSchema = z.object({
  /** As the stack's output `Release`. */
  release: z.string(),
  version: z.string(),
  released_at: z.string(),
  template_key: z.string(),
  secrets_version: z.string(),
  tables_suffix: z.string(),
  extension_id: z.string(),
})
/** What was put in service, and when. */
export type Release = z.output<typeof releaseSchema>

const prefix = 'releases/'
const templatePrefix = 'templates/'

/** Writes a text into a bucket by way of a file that goes again. Nothing secret may be in it. */
const uploadText = async (session: Session, bucket: string, key: string, content: string): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'live-transcription-upload-'))
  try {
    const file = join(directory, 'content')
    await writeFile(file, content)
    await upload(session, bucket, key, file)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** Where a release's template is kept. */
export const templateKeyOf = (release: string): string => `${templatePrefix}${release}.json`

/** Puts a template where CloudFormation can read it. */
export const uploadTemplate = async (
  session: Session,
  bucket: string,
  name: string,
  template: string,
): Promise<string> => {
  const key = templateKeyOf(name)
  await uploadText(session, bucket, key, template)
  return urlOf(bucket, key, session.aws.region)
}

/** Every release of a stage, the newest first. */
export const readReleaseKeys = async (session: Session, bucket: string): Promise<string[]> =>
  (await listKeys(session, bucket, prefix)).reverse()

/** The release that a key names: `releases/2026-11-29T12-00-00Z-<release>.json`. */
export const releaseOfKey = (key: string): string => /-([0-9a-f]+)\.json$/.exec(key)?.[1] ?? ''

/** Reads a release by its key. */
export const readRelease = async (
  session: Session,
  bucket: string,
  key: string,
): Promise<Release | undefined> => {
  const content = await readObject(session, bucket, key)
  return content === undefined ? undefined : releaseSchema.parse(JSON.parse(content))
}

/** Notes what is in service now, unless it is the last that was noted. */
export const noteRelease = async (
  session: Session,
  bucket: string,
  release: Omit<Release, 'released_at' | 'template_key'>,
): Promise<void> => {
  const [newest] = await readReleaseKeys(session, bucket)
  if (newest !== undefined && releaseOfKey(newest) === release.release) return
  const releasedAt = new Date(session.nowMs()).toISOString()
  const key = `${prefix}${releasedAt.replaceAll(':', '-')}-${release.release}.json`
  const noted: Release = { ...release, released_at: releasedAt, template_key: templateKeyOf(release.release) }
  await uploadText(session, bucket, key, JSON.stringify(noted, null, 2))
}
