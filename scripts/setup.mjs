#!/usr/bin/env node
// Makes a fresh clone runnable: `node scripts/setup.mjs [--browser]`. It runs on the machine's own Node, before
// anything is installed, so it is plain JavaScript with no dependencies.
import { ensureChromium } from './setup/chromium.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { ensureJava } from './setup/java.mjs'
import { requireNode } from './setup/node.mjs'
import { SetupError } from './setup/setup-error.mjs'

const options = process.argv.slice(2)

try {
  requireNode(process.versions.node)
  const unknown = options.find(option => option !== '--browser')
  if (unknown !== undefined) throw new SetupError(`Unknown option ${unknown}. The only one is --browser.`)
  await ensureDependencies()
  await ensureJava()
  if (options.includes('--browser')) await ensureChromium()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`\n${error.message}\n`)
  process.exit(1)
}
