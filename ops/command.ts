import { type Command, Option } from 'commander'
import * as z from 'zod'
import { ConfigError } from '../src/config.ts'
import { DomainError, UpstreamError } from '../src/domain/errors.ts'
import { clockOf } from './clock.ts'
import { type Confirm, terminalConfirm } from './confirm.ts'
import { OpsProblem, UsageProblem } from './problem.ts'
import { resolveTarget, type Target } from './target.ts'

/** What a command came to. Without secrets, password hashes and tokens: it is printed. */
export interface Report {
  /** False ends with 1: something is wrong, or could not be done. */
  readonly ok: boolean
  /** For people. */
  readonly text: string
  /** For `--json`: the same as data. */
  readonly data: unknown
}

/** What a command is given beside its arguments. */
export interface Operation {
  readonly target: Target
  readonly confirm: Confirm
  /** Whether every question has been answered with yes beforehand. */
  readonly yes: boolean
  /** Says how far it is, to stderr: stdout has the report alone. */
  progress(line: string): void
  now(): number
}

export interface CommandDefinition<Input extends z.ZodType> {
  /** With its arguments: `user <email>`. */
  readonly usage: string
  readonly description: string
  /** Flags and what they do; `changes` adds --apply and --yes. */
  readonly options?: readonly (readonly [flags: string, description: string])[]
  /** Whether it can change something: then it only says what it would do until it is given --apply. */
  readonly changes?: boolean
  /** Lines for --help, each what follows `npm run ops -- `. */
  readonly examples: readonly string[]
  /** Arguments and options by name, as they were typed: strings, and booleans for flags. */
  readonly input: Input
  run(operation: Operation, input: z.output<Input>): Promise<Report>
}

/** For the schema of a command that `changes`. */
export const applyOption = { apply: z.boolean().default(false) }

const commonSchema = z.object({
  stage: z.string().regex(/^[a-z][a-z0-9]*$/, 'must be lower-case letters and digits'),
  region: z.string().optional(),
  json: z.boolean().default(false),
  yes: z.boolean().default(false),
})

/** Makes a command that adds itself to the program, checks what it is given, and prints its report. */
export const defineCommand =
  <Input extends z.ZodType>(definition: CommandDefinition<Input>) =>
  (program: Command): void => {
    const command = program.command(definition.usage).description(definition.description)
    for (const [flags, description] of definition.options ?? []) command.option(flags, description)
    if (definition.changes) {
      command.option('--apply', 'do it; without this it only says what it would do')
      command.option('--yes', 'answer every question with yes')
    }
    command.addOption(
      new Option('--stage <stage>', 'which stage: local is a running npm start').default('local'),
    )
    command.option('--region <region>', 'its AWS region')
    command.option('--json', 'print the report as JSON')
    command.addHelpText('after', helpOf(definition.examples))
    command.action(() => perform(command, definition))
  }

/** A command for the same stage, to be pasted. */
export const commandLine = ({ stage, region }: Target, command: string): string =>
  `npm run ops -- ${command}${stage === 'local' ? '' : ` --stage ${stage} --region ${region}`}`

const helpOf = (examples: readonly string[]): string =>
  `\nExamples:\n${examples.map(example => `  npm run ops -- ${example}`).join('\n')}`

const perform = async <Input extends z.ZodType>(
  command: Command,
  definition: CommandDefinition<Input>,
): Promise<void> => {
  const common = parse(commonSchema, command.opts())
  const input = parse(definition.input, { ...command.opts(), ...argumentsOf(command) })
  const target = await resolveTarget({ stage: common.stage, region: common.region })
  try {
    const report = await definition.run(
      {
        target,
        confirm: terminalConfirm(common.yes),
        yes: common.yes,
        progress: line => process.stderr.write(`${line}\n`),
        now: clockOf(target.database),
      },
      input,
    )
    process.stdout.write(`${common.json ? JSON.stringify(report.data, undefined, 2) : report.text}\n`)
    process.exitCode = report.ok ? 0 : 1
  } finally {
    target.close()
  }
}

const argumentsOf = (command: Command): Record<string, unknown> =>
  Object.fromEntries(
    command.registeredArguments.flatMap((argument, index) => {
      const value: unknown = command.processedArgs[index]
      return value === undefined ? [] : [[argument.name().replaceAll('-', '_'), value] as const]
    }),
  )

const parse = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map(issue => `${issue.path.join('.')} ${issue.message}`)
  throw new UsageProblem([...new Set(lines)].join('\n'))
}

/** How a failure is told: what is known plainly, AWS's refusals by their name, and a stack only for what is a bug. */
export const describeFailure = (error: unknown): { readonly text: string; readonly exitCode: 1 | 2 } => {
  if (error instanceof UsageProblem) return { text: error.message, exitCode: 2 }
  if (isPlain(error)) return { text: error.message, exitCode: 1 }
  if (!(error instanceof Error)) return { text: String(error), exitCode: 1 }
  if (error.name === 'ExitPromptError') return { text: 'Stopped here.', exitCode: 1 }
  if (error.name === 'CredentialsProviderError') return { text: signInFirst, exitCode: 1 }
  if (isFromOutside(error)) return { text: `${error.name}: ${error.message}`, exitCode: 1 }
  return { text: error.stack ?? error.message, exitCode: 1 }
}

/** Says in its message what happened and what to do. */
const isPlain = (error: unknown): error is Error =>
  error instanceof OpsProblem ||
  error instanceof ConfigError ||
  error instanceof DomainError ||
  error instanceof UpstreamError

const signInFirst = 'AWS does not know who you are. Sign in (aws sso login), or name a profile: AWS_PROFILE=…'

/** AWS's SDK marks its errors by `$metadata` or `$fault`, Stripe's by `type`. */
const isFromOutside = (error: Error): boolean =>
  '$metadata' in error ||
  '$fault' in error ||
  error.name === 'TimeoutError' ||
  ('type' in error && typeof error.type === 'string' && error.type.startsWith('Stripe')) ||
  ('code' in error && error.code === 'ECONNREFUSED')
