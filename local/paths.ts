import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root. */
export const projectDir = dirname(dirname(fileURLToPath(import.meta.url)))

/** What can be made again at any time; it goes with node_modules. */
export const cacheDir = join(projectDir, 'node_modules', '.cache', 'live-transcription')
