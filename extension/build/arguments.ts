import { parseArgs } from 'node:util'
import type { ExtensionBuild } from './options.ts'

/** What a build for the store is asked for. */
export type StoreBuild = Pick<ExtensionBuild, 'stage' | 'apiUrl'>

export const usage = 'npm run extension:build -- --stage prod --api https://…'

/** Arguments that can't be meant. Its message says which, and what is expected. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
}

/**
 * Reads what follows `npm run extension:build --`.
 *
 * @throws {ArgumentError}
 */
export function parseBuildArguments(args: readonly string[]): StoreBuild {
  const { stage, api } = parseOptions(args)
  return { stage: readStage(stage), apiUrl: readApiUrl(api) }
}

function parseOptions(args: readonly string[]): { stage?: string; api?: string } {
  try {
    return parseArgs({ args: [...args], options: { stage: { type: 'string' }, api: { type: 'string' } } })
      .values
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error))
  }
}

function readStage(stage: string | undefined): string {
  if (stage === undefined)
    throw new ArgumentError('--stage is missing: the stage that the backend is deployed as.')
  if (/^[a-z0-9][a-z0-9-]*$/.test(stage)) return stage
  throw new ArgumentError(`--stage is "${stage}": it may have small letters, digits and hyphens.`)
}

function readApiUrl(api: string | undefined): string {
  if (api === undefined) {
    throw new ArgumentError('--api is missing: the address of the backend, as the deployment printed it.')
  }
  const url = URL.parse(api)
  if (url === null) throw new ArgumentError(`--api is "${api}", which is no address.`)
  if (url.protocol !== 'https:') {
    throw new ArgumentError(`--api is "${api}": it must begin with https://, for passwords are sent to it.`)
  }
  const rest = url.username + url.password + url.search + url.hash
  if (url.pathname !== '/' || rest !== '') {
    throw new ArgumentError(`--api is "${api}": nothing may follow the host. Did you mean ${url.origin}?`)
  }
  return url.origin
}
