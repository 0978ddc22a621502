import { join } from 'node:path'
import { buildForStore, type StoreZip } from '../../extension/build/build-for-store.ts'

export type ExtensionZip = Pick<StoreZip, 'file' | 'version' | 'sha256'>

/** Builds the extension for a stage's address, in the project's `dist`. */
export const buildExtensionZip = (projectDir: string, stage: string, apiUrl: string): Promise<ExtensionZip> =>
  buildForStore({ stage, apiUrl }, join(projectDir, 'dist'))
