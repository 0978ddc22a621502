import { SetupError } from './setup-error.mjs'
import { isAtLeast } from './versions.mjs'

const minimumNode = '20.19'

/**
 * @param {string} version of the Node that runs, like "20.19.4"
 * @throws {SetupError} when it is too old to install and start the project
 */
export function requireNode(version) {
  if (isAtLeast(version, minimumNode)) return
  throw new SetupError(
    `Node ${version} is too old: ${minimumNode} or later is needed. ` +
      'Install it from https://nodejs.org, or with a version manager (nvm install 24), and run the command again.',
  )
}
