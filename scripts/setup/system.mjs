import { readFile } from 'node:fs/promises'
import { withProgress } from './progress.mjs'
import { runProgram } from './run-program.mjs'

/**
 * The kind of system that packages are installed on.
 *
 * @typedef {'debian' | 'ubuntu' | 'fedora' | 'macos' | 'other'} SystemKind
 * @param {string} platform as in `process.platform`
 * @param {string} osRelease the text of /etc/os-release, empty where there is none
 * @returns {SystemKind}
 */
export function systemKind(platform, osRelease) {
  if (platform === 'darwin') return 'macos'
  const lines = osRelease.split('\n').filter(line => /^ID(_LIKE)?=/.test(line))
  const names = lines.flatMap(line => line.replace(/^.*=/, '').replaceAll('"', '').trim().split(' '))
  if (names.includes('ubuntu')) return 'ubuntu'
  if (names.includes('debian')) return 'debian'
  if (names.some(name => ['fedora', 'rhel', 'centos'].includes(name))) return 'fedora'
  return 'other'
}

/** @returns {Promise<SystemKind>} */
export async function thisSystem() {
  return systemKind(process.platform, await readFile('/etc/os-release', 'utf8').catch(() => ''))
}

/** Whether apt-get may be used without asking for a password. */
export function isRoot() {
  return process.getuid?.() === 0
}

/**
 * The first of several packages that apt knows, or undefined.
 *
 * @param {string[]} names
 * @returns {Promise<string | undefined>}
 */
export async function firstKnownToApt(names) {
  for (const name of names) {
    const { code } = await runProgram('apt-cache', ['show', '--no-all-versions', name])
    if (code === 0) return name
  }
  return undefined
}

/**
 * Installs the first of several packages that apt knows, after it has read the current lists.
 *
 * @param {string} what like "Installing Java"
 * @param {string[]} names
 * @returns {Promise<string | undefined>} what went wrong, as lines to add to a message; undefined when it is installed
 */
export async function installByApt(what, names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return withProgress(`${what} (apt-get)`, async () => {
    const update = await runProgram('apt-get', ['update', '-q'], { env })
    const name = await firstKnownToApt(names)
    if (name === undefined) return lastLines(update.output)
    const install = await runProgram('apt-get', ['install', '-y', '-q', '--no-install-recommends', name], {
      env,
    })
    return install.code === 0 ? undefined : lastLines(install.output)
  })
}

/** @param {string} output */
function lastLines(output) {
  return `\napt-get was tried and said:\n${output.trim().split('\n').slice(-3).join('\n')}`
}
