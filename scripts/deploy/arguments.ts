import { parseArgs } from 'node:util'
import { DeployProblem } from './problem.ts'

export const usage = `Usage:
  ./deploy.sh <stage> [--region R] [--dry-run] [--yes] [--allow-data-loss]
  ./deploy.sh <stage> rollback [--to RELEASE]
  ./deploy.sh <stage> status
  ./deploy.sh <stage> logs <function> [--follow] [--since 1h]
  ./deploy.sh <stage> switch-tables <suffix | original>
  ./deploy.sh <stage> remove [--confirm <stage>]`

export const commandNames = ['deploy', 'rollback', 'remove', 'logs', 'status', 'switch-tables'] as const
export type CommandName = (typeof commandNames)[number]

export interface Arguments {
  readonly stage: string
  readonly command: CommandName
  /** What follows the command: a function, a suffix. */
  readonly operand: string | undefined
  readonly region: string
  readonly dryRun: boolean
  /** Go on without asking, where no data is at stake. */
  readonly yes: boolean
  /** Go on where data may be lost. */
  readonly allowDataLoss: boolean
  /** The stage, typed beforehand. */
  readonly confirmed: string | undefined
  readonly release: string | undefined
  readonly follow: boolean
  readonly since: string
}

const options = {
  region: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  yes: { type: 'boolean', short: 'y', default: false },
  'allow-data-loss': { type: 'boolean', default: false },
  confirm: { type: 'string' },
  to: { type: 'string' },
  follow: { type: 'boolean', short: 'f', default: false },
  since: { type: 'string', default: '1h' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const operands: Partial<Record<CommandName, string>> = {
  logs: 'a function, such as auth-login',
  'switch-tables': 'the suffix of the tables, such as -r20261129120000, or original',
}

/**
 * Reads what follows `./deploy.sh`.
 * @throws {DeployProblem}
 */
export const readArguments = (args: readonly string[], env: NodeJS.ProcessEnv): Arguments => {
  const { values, positionals } = parse(args)
  const [stage, given = 'deploy', operand, ...rest] = positionals
  if (values.help || stage === undefined) throw new DeployProblem(usage)
  const command = commandNames.find(name => name === given)
  if (command === undefined) throw new DeployProblem(`There is no command "${given}".\n${usage}`)
  const wanted = operands[command]
  if (wanted !== undefined && operand === undefined) throw new DeployProblem(`Say ${wanted}.\n${usage}`)
  const tooMuch = wanted === undefined ? operand : rest[0]
  if (tooMuch !== undefined) throw new DeployProblem(`"${tooMuch}" is too much.\n${usage}`)
  return {
    stage,
    command,
    operand,
    region: values.region || env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1',
    dryRun: values['dry-run'],
    yes: values.yes,
    allowDataLoss: values['allow-data-loss'],
    confirmed: values.confirm,
    release: values.to,
    follow: values.follow,
    since: values.since,
  }
}

/** A suffix begins with a dash, and yet is no option. */
const isSuffix = (arg: string): boolean => /^-r\d+$/.test(arg)

const parse = (args: readonly string[]) => {
  const suffixes = args.filter(isSuffix)
  try {
    const { values, positionals } = parseArgs({
      args: args.filter(arg => !isSuffix(arg)),
      options,
      allowPositionals: true,
    })
    return { values, positionals: [...positionals, ...suffixes] }
  } catch (error) {
    throw new DeployProblem(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
}
