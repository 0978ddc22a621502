import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import type { ExtensionBuild } from './options.ts'

const extensionDir = fileURLToPath(new URL('..', import.meta.url))
const program = fileURLToPath(new URL('run-wxt.ts', import.meta.url))

/** Sources that can't be built. Its message is what the bundler said of them. */
export class ExtensionBuildError extends Error {
  override readonly name = 'ExtensionBuildError'
}

/**
 * Builds the unpacked extension into `outDir`. The same sources and options give the same bytes.
 *
 * WXT reads .env into the environment of its process, keeps one configuration per process and draws a spinner, so it
 * has a process of its own, without an environment. Nothing is printed.
 *
 * @throws {ExtensionBuildError}
 */
export async function buildExtension(options: ExtensionBuild): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    execFile(
      process.execPath,
      [program, JSON.stringify(options)],
      { cwd: extensionDir, env: {} },
      (failure, output, errors) => {
        if (failure) reject(new ExtensionBuildError(legible(errors || output || failure.message)))
        else resolve()
      },
    )
  })
}

/** Without colours, and without where in the bundler's own code it was noticed. */
const legible = (errors: string): string =>
  stripVTControlCharacters(errors)
    .split('\n')
    .filter(line => line.trim() !== '' && !/^\s+at .*(node_modules|run-wxt)/.test(line))
    .join('\n')
