import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoreBuild } from './arguments.ts'
import { buildExtension } from './build-extension.ts'
import { zipOf } from './zip.ts'

/** A zip that the store takes, and what is in it. */
export interface StoreZip {
  /** Absolute. */
  readonly file: string
  readonly bytes: number
  /** Of the zip, in hex. */
  readonly sha256: string
  readonly version: string
  readonly permissions: readonly string[]
  /** Asked of the listener when first needed. */
  readonly optionalPermissions: readonly string[]
}

/**
 * Builds the zip for the store into `distDir`, with the unpacked extension beside it. It has no `key`: the store gives
 * the id.
 *
 * @param distDir absolute
 */
export async function buildForStore(build: StoreBuild, distDir: string): Promise<StoreZip> {
  const unpackedDir = join(distDir, `live-transcription-${build.stage}`)
  await buildExtension({ ...build, kind: 'store', outDir: unpackedDir })
  const manifest = JSON.parse(await readFile(join(unpackedDir, 'manifest.json'), 'utf8'))
  const zip = await zipOf(unpackedDir)
  const file = join(distDir, `live-transcription-${build.stage}-${manifest.version}.zip`)
  await writeFile(file, zip)
  return {
    file,
    bytes: zip.length,
    sha256: createHash('sha256').update(zip).digest('hex'),
    version: manifest.version,
    permissions: manifest.permissions,
    optionalPermissions: manifest.optional_permissions,
  }
}
