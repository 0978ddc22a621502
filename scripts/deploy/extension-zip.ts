import { join, relative } from 'node:path'
import { buildForStore, type StoreZip } from '../../extension/build/build-for-store.ts'

export type ExtensionZip = Pick<StoreZip, 'file' | 'version' | 'sha256'>

/** Builds the extension for a stage's address, in the project's `dist`. */
export const buildExtensionZip = (projectDir: string, stage: string, apiUrl: string): Promise<ExtensionZip> =>
  buildForStore({ stage, apiUrl }, join(projectDir, 'dist'))

/** How to name a file to somebody who is in the project's directory. */
export const shortPath = (projectDir: string, file: string): string => relative(projectDir, file)
