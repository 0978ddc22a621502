import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs, parseEnv } from 'node:util'
import * as z from 'zod'
import { StartProblem } from './start-problem.ts'
import { type Vendor, vendorKeyNames, vendors } from './vendors.ts'

/** What `npm start` was asked for. */
export interface Settings {
  /** Port of the API. */
  apiPort: number
  /** Port of the stand-ins and the page. */
  localPort: number
  /** Absolute path of the directory that holds all state. */
  stateDir: string
  /** Whether the state is to be forgotten. */
  fresh: boolean
  /** The variables of .env that have a value. */
  dotenv: Record<string, string>
  /** The vendors that are used for real. */
  realVendors: Vendor[]
}

/** Where the API is, without a slash at its end. */
export function apiUrlOf(settings: Settings): string {
  return `http://127.0.0.1:${settings.apiPort}`
}

/** Where the stand-ins and the page are, without a slash at its end. */
export function localUrlOf(settings: Settings): string {
  return `http://127.0.0.1:${settings.localPort}`
}

const portSchema = z.coerce.number().int().min(1).max(65_535)

/**
 * Reads the command line, the environment and .env. Ports and the state's place may stand in either, and the
 * environment goes first. Keys of vendors count from .env alone: one that a shell happens to export for something
 * else must not cost money here.
 *
 * @param args what follows `npm start --`
 * @param env PORT, LOCAL_PORT, LOCAL_STATE_DIR, and ENV_FILE for a file other than .env
 * @param baseDir what relative paths are relative to
 * @throws {StartProblem} naming what is wrong
 */
export async function readSettings(
  args: string[],
  env: NodeJS.ProcessEnv,
  baseDir: string,
): Promise<Settings> {
  const fresh = readArguments(args)
  const envFile = resolve(baseDir, env.ENV_FILE || '.env')
  const dotenv = await readDotenv(envFile)
  const setting = (name: string, fallback: string): string => env[name] || dotenv[name] || fallback

  const apiPort = readPort('PORT', setting('PORT', '3000'))
  const localPort = readPort('LOCAL_PORT', setting('LOCAL_PORT', '4000'))
  if (apiPort === localPort) {
    throw new StartProblem(`PORT and LOCAL_PORT are both ${apiPort}. Give them different values.`)
  }
  const realVendors = vendors.filter(vendor => dotenv[vendorKeyNames[vendor]] !== undefined)
  requireStripeWebhookSecret(realVendors, dotenv, apiPort)
  return {
    apiPort,
    localPort,
    stateDir: resolve(baseDir, setting('LOCAL_STATE_DIR', '.local')),
    fresh,
    dotenv,
    realVendors,
  }
}

/** The command that hands real Stripe's webhooks on to this machine. */
export function stripeListenCommand(apiPort: number): string {
  return `stripe listen --forward-to http://127.0.0.1:${apiPort}/webhooks/stripe`
}

function readArguments(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { fresh: { type: 'boolean', default: false } } }).values.fresh
  } catch {
    throw new StartProblem(
      `Unknown option: ${args.join(' ')}. The only one is --fresh, which forgets the local state: npm start -- --fresh`,
    )
  }
}

async function readDotenv(file: string): Promise<Record<string, string>> {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new StartProblem(`${file} can't be read (${error.code}). Mend its rights, or remove it.`)
  })
  const values = Object.entries(parseEnv(content)).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as const],
  )
  const variables = Object.fromEntries(values)
  const brokenLine = findBrokenLine(content, Object.values(variables))
  if (brokenLine !== undefined) {
    throw new StartProblem(
      `Line ${brokenLine} of ${file} is not of the form NAME=value. Correct it, or put # before it. ` +
        '.env.example shows every variable.',
    )
  }
  return variables
}

/** The number of the first line that says nothing; the parser itself passes over such lines in silence. */
function findBrokenLine(content: string, values: string[]): number | undefined {
  const assignment = /^\s*(?:export\s+)?[A-Za-z_]\w*\s*=/
  const severalLines = values.filter(value => value.includes('\n'))
  const isFine = (line: string): boolean =>
    /^\s*(?:#|$)/.test(line) ||
    assignment.test(line) ||
    severalLines.some(value => value.includes(line.replace(/["'`]\s*$/, '')))
  const index = content.split(/\r?\n/).findIndex(line => !isFine(line))
  return index === -1 ? undefined : index + 1
}

function readPort(name: string, value: string): number {
  const port = portSchema.safeParse(value)
  if (port.success) return port.data
  throw new StartProblem(`${name} is "${value}". Give it a number from 1 to 65535.`)
}

function requireStripeWebhookSecret(
  realVendors: Vendor[],
  dotenv: Record<string, string>,
  apiPort: number,
): void {
  if (!realVendors.includes('stripe') || dotenv.STRIPE_WEBHOOK_SECRET !== undefined) return
  throw new StartProblem(
    'STRIPE_SECRET_KEY in .env makes Stripe real, so its webhooks must reach this machine. ' +
      `In another terminal run\n  ${stripeListenCommand(apiPort)}\n` +
      'and put the secret that it prints (whsec_…) in .env as STRIPE_WEBHOOK_SECRET.',
  )
}
