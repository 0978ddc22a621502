#!/usr/bin/env node
// Makes a fresh clone runnable: `node scripts/setup.mjs [--browser] [--shellcheck] [--no-java]`. It runs on the machine's
// own Node, before anything is installed, so it is plain JavaScript with no dependencies.
import { ensureChromium } from './setup/chromium.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { ensureJava } from './setup/java.mjs'
import { requireNode } from './setup/node.mjs'
import { SetupError } from './setup/setup-error.mjs'
import { ensureShellcheck } from './setup/shellcheck.mjs'

const known = ['--browser', '--shellcheck', '--no-java']

const options = process.argv.slice(2)

try {
  requireNode(process.versions.node)
  const unknown = options.find(option => !known.includes(option))
  if (unknown !== undefined) throw new SetupError(`Unknown option ${unknown}. There are ${known.join(', ')}.`)
  await ensureDependencies()
  if (!options.includes('--no-java')) await ensureJava()
  if (options.includes('--browser')) await ensureChromium()
  if (options.includes('--shellcheck')) await ensureShellcheck()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`\n${error.message}\n`)
  process.exit(1)
}
