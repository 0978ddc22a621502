import { runProgram } from './run-program.mjs'
import { SetupError } from './setup-error.mjs'
import { firstKnownToApt, installByApt, isRoot, thisSystem } from './system.mjs'

const minimumJava = 17

/** A distribution carries some of these; the oldest will do. */
const defaultAptPackage = 'openjdk-17-jre-headless'
const aptPackages = [defaultAptPackage, 'openjdk-21-jre-headless', 'openjdk-25-jre-headless']

/**
 * Makes sure of a Java that runs DynamoDB Local. On Debian and Ubuntu as root it is installed.
 *
 * @throws {SetupError} that names the command which installs it
 */
export async function ensureJava() {
  const found = await installedJava()
  if (found !== undefined && found >= minimumJava) return

  const system = await thisSystem()
  const usesApt = system === 'debian' || system === 'ubuntu'
  const failure = usesApt && isRoot() ? await installByApt('Installing Java', aptPackages) : undefined
  const now = await installedJava()
  if (now !== undefined && now >= minimumJava) return

  const aptPackage = (usesApt ? await firstKnownToApt(aptPackages) : undefined) ?? defaultAptPackage
  throw new SetupError(explainJava(now, system, aptPackage) + (failure ?? ''))
}

/**
 * The major version that `java -version` tells, or undefined when it tells none.
 *
 * @param {string} output like `openjdk version "17.0.15" 2025-04-15` or `java version "1.8.0_392"`
 * @returns {number | undefined}
 */
export function javaMajor(output) {
  const match = /version "(?:1\.)?(\d+)/.exec(output)
  return match === null ? undefined : Number(match[1])
}

/**
 * @param {number | undefined} found the major version that is there, undefined when there is no Java
 * @param {import('./system.mjs').SystemKind} system
 * @param {string} aptPackage
 * @returns {string} what is missing and the command that installs it
 */
export function explainJava(found, system, aptPackage) {
  const state = found === undefined ? 'Java was not found' : `Java ${found} is too old`
  const commands = {
    debian: `sudo apt-get install ${aptPackage}`,
    ubuntu: `sudo apt-get install ${aptPackage}`,
    fedora: 'sudo dnf install java-latest-openjdk-headless',
    macos: 'brew install --cask temurin',
    other: 'see https://adoptium.net',
  }
  return (
    `${state}: DynamoDB Local, the database on this machine, needs Java ${minimumJava} or later. ` +
    `Install it and run the command again:\n  ${commands[system]}`
  )
}

async function installedJava() {
  const { found, output } = await runProgram('java', ['-version'])
  return found ? javaMajor(output) : undefined
}
