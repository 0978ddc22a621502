import { runProgram } from './run-program.mjs'
import { SetupError } from './setup-error.mjs'
import { installByApt, isRoot, thisSystem } from './system.mjs'

/**
 * Makes sure of shellcheck, which lints deploy.sh. On Debian and Ubuntu as root it is installed.
 *
 * @throws {SetupError} that names the command which installs it
 */
export async function ensureShellcheck() {
  if (await isInstalled()) return
  const system = await thisSystem()
  const usesApt = system === 'debian' || system === 'ubuntu'
  const failure =
    usesApt && isRoot() ? await installByApt('Installing shellcheck', ['shellcheck']) : undefined
  if (await isInstalled()) return
  throw new SetupError(explainShellcheck(system) + (failure ?? ''))
}

async function isInstalled() {
  const { found, code } = await runProgram('shellcheck', ['--version'])
  return found && code === 0
}

/**
 * @param {import('./system.mjs').SystemKind} system
 * @returns {string} what is missing and the command that installs it
 */
export function explainShellcheck(system) {
  const commands = {
    debian: 'sudo apt-get install shellcheck',
    ubuntu: 'sudo apt-get install shellcheck',
    fedora: 'sudo dnf install ShellCheck',
    macos: 'brew install shellcheck',
    other: 'see https://www.shellcheck.net',
  }
  return (
    'shellcheck was not found: the tests lint deploy.sh with it. ' +
    `Install it and run the command again:\n  ${commands[system]}`
  )
}
