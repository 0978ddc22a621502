import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { SetupError } from './setup-error.mjs'
import { installByApt, isRoot, thisSystem } from './system.mjs'

const programNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const macPrograms = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/**
 * The Chromium or Chrome that the browser tests use: the environment's CHROMIUM_PATH, or the first one on the PATH
 * or among a Mac's applications. Undefined when there is none.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function findChromium(env = process.env) {
  if (env.CHROMIUM_PATH) return isExecutable(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined
  const dirs = (env.PATH ?? '').split(delimiter).filter(dir => dir !== '')
  const candidates = [...programNames.flatMap(name => dirs.map(dir => join(dir, name))), ...macPrograms]
  return candidates.find(isExecutable)
}

/**
 * Makes sure of a Chromium for the browser tests. On Debian as root it is installed.
 *
 * @throws {SetupError} that names the command which installs it
 */
export async function ensureChromium() {
  if (findChromium() !== undefined) return
  const system = await thisSystem()
  const mayInstall = system === 'debian' && isRoot() && !process.env.CHROMIUM_PATH
  const failure = mayInstall ? await installByApt('Installing Chromium', ['chromium']) : undefined
  if (findChromium() !== undefined) return
  throw new SetupError(explainChromium(process.env.CHROMIUM_PATH, system) + (failure ?? ''))
}

/**
 * @param {string | undefined} chromiumPath the environment's CHROMIUM_PATH
 * @param {import('./system.mjs').SystemKind} system
 * @returns {string} what is missing and the command that installs it
 */
export function explainChromium(chromiumPath, system) {
  if (chromiumPath)
    return `CHROMIUM_PATH names ${chromiumPath}, which is not a program that can be run. Correct or unset it.`
  const commands = {
    debian: 'sudo apt-get install chromium',
    ubuntu: 'sudo snap install chromium',
    fedora: 'sudo dnf install chromium',
    macos: 'brew install --cask google-chrome',
    other: 'see https://www.chromium.org/getting-involved/download-chromium',
  }
  return (
    'Chromium was not found: the browser tests need it, or Chrome. ' +
    `Install it and run the command again (or set CHROMIUM_PATH):\n  ${commands[system]}`
  )
}

/** @param {string} path */
/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
