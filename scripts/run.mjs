#!/usr/bin/env node
// Runs a script of this project, or a program of an installed package, on the Node 24 in node_modules:
// `node scripts/run.mjs local/start.ts --fresh`, `node scripts/run.mjs vitest run`. It hands signals and the exit
// code on; package.json puts `exec` before it, because a shell between npm and this would keep signals to itself.
// A script has a channel to this process and sees it close ('disconnect') should this process die.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, extname, join } from 'node:path'
import { binDir } from './setup/paths.mjs'

/** @type {NodeJS.Signals[]} */
const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP']

const [target, ...args] = process.argv.slice(2)
if (target === undefined) {
  console.error('Say what to run: node scripts/run.mjs <file.ts | program> [arguments]')
  process.exit(1)
}

const isScript = ['.ts', '.mts', '.js', '.mjs'].includes(extname(target))
const node = join(binDir, 'node')
const program = isScript ? node : join(binDir, target)
if (!existsSync(node) || !existsSync(program)) {
  console.error(`${program} is not there. Install the dependencies first: node scripts/setup.mjs`)
  process.exit(1)
}

const child = spawn(program, isScript ? [target, ...args] : args, {
  env: { ...process.env, PATH: [binDir, process.env.PATH].join(delimiter) },
  stdio: isScript ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
})
for (const signal of passedOn) process.on(signal, () => child.kill(signal))
endWithNpm()
child.once('error', error => {
  console.error(`${program} could not be started: ${error.message}`)
  process.exit(1)
})
child.once('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal]
})

/** npm passes on signals, but one that is killed itself can't. */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  const npm = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === npm) return
    clearInterval(watch)
    child.kill('SIGTERM')
  }, 500)
  watch.unref()
}
