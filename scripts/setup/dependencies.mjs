import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { binDir, projectDir } from './paths.mjs'
import { withProgress } from './progress.mjs'
import { runProgram } from './run-program.mjs'
import { SetupError } from './setup-error.mjs'
import { isAtLeast } from './versions.mjs'

/**
 * @typedef {{version?: string, integrity?: string, optional?: boolean}} LockedPackage
 * @typedef {{packages: Record<string, LockedPackage>}} Lockfile
 */

/** The npm that comes with the oldest Node that the project runs on. */
const minimumNpm = '10'

/** The codes with which npm says that it did not get through to the registry. */
const networkCodes =
  /\b(EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/

/**
 * Installs what package-lock.json says, when something else or nothing is installed.
 *
 * @returns {Promise<void>}
 * @throws {SetupError} when npm is missing, too old, or fails
 */
export async function ensureDependencies() {
  const wanted = await readLock(join(projectDir, 'package-lock.json'))
  if (wanted === undefined) {
    throw new SetupError(
      'package-lock.json is missing or damaged. Restore it: git checkout package-lock.json',
    )
  }
  const installed = await readLock(join(projectDir, 'node_modules', '.package-lock.json'))
  if (isStale(wanted, installed)) await install(installed === undefined)
  requireOwnNode()
}

/** @param {boolean} isFirst */
async function install(isFirst) {
  const env = { ...process.env, PATH: withoutPackageBins(process.env.PATH ?? '') }
  await requireNpm(env)
  const what = isFirst
    ? 'Installing the dependencies (the first time, about a minute)'
    : 'Updating the dependencies'
  await withProgress(what, async () => {
    // NODE_ENV=production or a user's npm settings must not leave the tools out, Node 24 among them.
    const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund']
    const network = await networkFailure(env)
    if (network !== undefined) args.push('--offline')
    const { code, output } = await runProgram('npm', args, { cwd: projectDir, env })
    if (code !== 0) throw new SetupError(explainNpmFailure(network ?? output))
  })
}

/**
 * What npm says when the registry is out of reach, undefined when it isn't. An installation would try for minutes
 * before it gave up; without a network, what npm has in its cache may still do.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>}
 */
async function networkFailure(env) {
  const args = ['ping', '--fetch-retries=1', '--fetch-retry-mintimeout=500', '--fetch-timeout=10000']
  const { code, output } = await runProgram('npm', args, { cwd: projectDir, env })
  return code !== 0 && networkCodes.test(output) ? output : undefined
}

/** The package `node` fetches its program in an install script, which npm can be told not to run. */
function requireOwnNode() {
  if (existsSync(join(binDir, 'node'))) return
  throw new SetupError(
    'The dependencies are installed without their install scripts, so Node 24 is missing from node_modules. ' +
      'Run them once (npm rebuild --ignore-scripts=false) and run the command again.',
  )
}

/**
 * Whether the installed packages are others than the lockfile's. npm records what it installed in
 * node_modules/.package-lock.json, as its last step.
 *
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile | undefined} installed undefined when nothing is installed
 * @returns {boolean}
 */
export function isStale(wanted, installed) {
  if (installed === undefined) return true
  const root = ''
  const isMissingOrOther = Object.entries(wanted.packages).some(([path, locked]) => {
    if (path === root) return false
    const found = installed.packages[path]
    // Packages for other systems are optional and stay away.
    if (found === undefined) return locked.optional !== true
    return found.version !== locked.version || found.integrity !== locked.integrity
  })
  const isLeftOver = Object.keys(installed.packages).some(path => wanted.packages[path] === undefined)
  return isMissingOrOther || isLeftOver
}

/**
 * What to tell about a failed `npm ci`.
 *
 * @param {string} output all that npm wrote
 * @returns {string}
 */
export function explainNpmFailure(output) {
  const network = networkCodes.exec(output)
  if (network !== null) {
    return (
      `The dependencies were not installed: npm could not reach the package registry (${network[0]}). ` +
      'Check the network connection, and the proxy if there is one (npm config get proxy), and run the command again.'
    )
  }
  if (/\bENOSPC\b/.test(output)) {
    return 'The dependencies were not installed: the disk is full. Free about 1 GB and run the command again.'
  }
  if (/\b(EACCES|EPERM|EROFS)\b/.test(output)) {
    return `The dependencies were not installed: npm may not write to ${join(projectDir, 'node_modules')}. Make the folder yours and run the command again.`
  }
  const errors = output.split('\n').filter(line => /^npm (error|ERR!)/.test(line))
  const shown = (errors.length > 0 ? errors : output.trim().split('\n')).slice(0, 12)
  return [
    'The dependencies were not installed: npm failed. It said:',
    ...shown.map(line => `  ${line}`),
  ].join('\n')
}

/**
 * @param {string | undefined} version undefined when there is no npm
 * @returns {string | undefined} what is wrong with it
 */
export function explainNpmVersion(version) {
  if (version === undefined) {
    return 'npm was not found on the PATH. It comes with Node: install that from https://nodejs.org and run the command again.'
  }
  if (isAtLeast(version, minimumNpm)) return undefined
  return `npm ${version} is too old: ${minimumNpm} or later is needed. Update it (npm install -g npm@${minimumNpm}) and run the command again.`
}

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

/** @param {NodeJS.ProcessEnv} env */
async function requireNpm(env) {
  const { found, code, output } = await runProgram('npm', ['--version'], { env })
  const problem = explainNpmVersion(found && code === 0 ? output.trim().split('\n').at(-1) : undefined)
  if (problem !== undefined) throw new SetupError(problem)
}

/**
 * @param {string} path
 * @returns {Promise<Lockfile | undefined>} undefined when there is no such file, or no sense in it
 */
async function readLock(path) {
  try {
    const lock = JSON.parse(await readFile(path, 'utf8'))
    return typeof lock.packages === 'object' && lock.packages !== null ? lock : undefined
  } catch {
    return undefined
  }
}
