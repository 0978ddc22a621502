import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { unzipSync } from 'fflate'

/** A function's code as it is packed. */
export interface Bundle {
  /** By name; they are all in one directory. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly entry: string
  readonly zipBytes: number
}

/** @throws {Error} when the zip has no entry of its own */
export const readBundle = async (zip: string): Promise<Bundle> => {
  const bytes = await readFile(zip)
  const files = new Map(Object.entries(unzipSync(bytes)).map(([path, file]) => [basename(path), file]))
  const entry = `${basename(zip, '.zip')}.mjs`
  if (!files.has(entry)) throw new Error(`${zip} has no ${entry}.`)
  return { files, entry, zipBytes: bytes.byteLength }
}

/** As esbuild writes them, minified or not. */
const staticImport = /(?:\bfrom|\bimport)\s*"\.\/([\w.-]+)"/g
const anyImport = /(?:\bfrom|\bimport)\s*\(?\s*"\.\/([\w.-]+)"/g

const reachedBy = ({ files, entry }: Bundle, pattern: RegExp): ReadonlySet<string> => {
  const reached = new Set<string>()
  const visit = (name: string): void => {
    if (reached.has(name)) return
    reached.add(name)
    for (const [, next = ''] of textOf(files.get(name)).matchAll(pattern)) visit(next)
  }
  visit(entry)
  return reached
}

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8')

/** The files that importing the entry loads. */
export const loadedAtImport = (bundle: Bundle): ReadonlySet<string> => reachedBy(bundle, staticImport)

/** Those that it may load later too. */
export const reachable = (bundle: Bundle): ReadonlySet<string> => reachedBy(bundle, anyImport)

/** Of these files, or of all. */
export const codeBytes = ({ files }: Bundle, names: Iterable<string> = files.keys()): number =>
  [...names].reduce((sum, name) => sum + (files.get(name)?.byteLength ?? 0), 0)

/** All of a bundle's code as one text. */
export const codeOf = ({ files }: Bundle): string => [...files.values()].map(textOf).join('\n')

/** What a bundle needs in its environment to start, but for secrets. */
export const bundleVariables = {
  STAGE: 'bundle',
  AWS_REGION: 'us-east-1',
  PUBLIC_API_URL: 'http://127.0.0.1:3000',
  EXTENSION_ID: 'a'.repeat(32),
  USERS_TABLE: 'users',
  USAGE_TABLE: 'usage',
  TRANSACTIONS_TABLE: 'transactions',
  EPHEMERA_TABLE: 'ephemera',
  CATCHUP_FETCH_FUNCTION: 'fetch',
  CATCHUP_WORKER_FUNCTION: 'worker',
  ASSEMBLYAI_SPEECH_MODELS: 'model',
  OPENAI_MODEL: 'model',
  LIVE_MODELS: 'en=model',
  TWITCH_CLIENT_ID: 'client',
  TWITCH_PLAYBACK_CLIENT_ID: 'player',
}

export const secretVariables: Readonly<Record<string, string>> = {
  JWT_SECRET: 's'.repeat(32),
  STRIPE_SECRET_KEY: 'key',
  STRIPE_WEBHOOK_SECRET: 'whsec_bundle',
  ASSEMBLYAI_API_KEY: 'key',
  ASSEMBLYAI_WEBHOOK_SECRET: 's'.repeat(32),
  OPENAI_API_KEY: 'key',
  TWITCH_CLIENT_SECRET: 'secret',
}
