import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root. */
export const projectDir = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Where npm puts the programs of the installed packages, Node 24 among them. */
export const binDir = join(projectDir, 'node_modules', '.bin')

/**
 * A PATH without the programs of installed packages. npm puts them first, but an installation replaces them, so
 * it must not run on them.
 *
 * @param {string} path
 * @returns {string}
 */
export function withoutPackageBins(path) {
  return path
    .split(delimiter)
    .filter(dir => !dir.replace(/[\\/]+$/, '').endsWith(join('node_modules', '.bin')))
    .join(delimiter)
}
