import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root. */
export const projectDir = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Where npm puts the programs of the installed packages, Node 24 among them. */
export const binDir = join(projectDir, 'node_modules', '.bin')
