import { spawn } from 'node:child_process'

/**
 * Runs a program to its end and keeps what it wrote.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} [options]
 * @returns {Promise<{found: boolean, code: number | null, output: string}>} `found` is false when there is no such
 *   program; `code` is null when a signal ended it; `output` is stdout and stderr as they came
 */
export function runProgram(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', chunk => {
      output += chunk
    })
    child.stderr.on('data', chunk => {
      output += chunk
    })
    child.once('error', error => {
      if ('code' in error && error.code === 'ENOENT') resolve({ found: false, code: null, output })
      else reject(error)
    })
    child.once('close', code => resolve({ found: true, code, output }))
  })
}
