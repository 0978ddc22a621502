import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type * as z from 'zod'

export interface CliResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `aws` with arguments, and hands it `input` on its stdin. */
export type RunCli = (args: readonly string[], input?: string) => Promise<CliResult>

/** A call that AWS or its command line refused. */
export class AwsError extends Error {
  override readonly name = 'AwsError'
  /** AWS's own word, such as `ValidationError`; undefined where the call didn't get as far as AWS. */
  readonly code: string | undefined

  constructor(message: string, code: string | undefined) {
    super(message)
    this.code = code
  }
}

const notFoundExitCode = 127
const refusal = /An error occurred \(([\w.]+)\) when calling the \w+ operation[^:]*: ([\s\S]*)/

/** How to hand a value to `aws` so that nobody sees it: no argument and no file holds it. */
export const fromStdin = 'file:///dev/stdin'

/**
 * The `aws` of the PATH. What it gets on its stdin goes through a real pipe: Node's own is a socket, which can't be
 * opened as /dev/stdin.
 */
export const awsOnPath =
  (environment: NodeJS.ProcessEnv): RunCli =>
  async (args, input) => {
    const env = { ...environment, AWS_PAGER: '', AWS_CLI_AUTO_PROMPT: 'off' }
    const child =
      input === undefined
        ? spawn('aws', args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
        : spawn('sh', ['-c', 'cat | exec aws "$@"', 'aws', ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', error =>
        'code' in error && error.code === 'ENOENT' ? resolve(notFoundExitCode) : reject(error),
      )
      child.once('close', code => resolve(code ?? 1))
    })
    const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
    return { exitCode, stdout, stderr }
  }

/** Lets `aws` write to this terminal, until it ends or is broken off. */
export const awsInTerminal =
  (environment: NodeJS.ProcessEnv) =>
  (args: readonly string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = spawn('aws', args, { env: { ...environment, AWS_PAGER: '' }, stdio: 'inherit' })
      child.once('error', reject)
      child.once('close', () => resolve())
    })

/** Calls of AWS in one region, by its command line. */
export class AwsCli {
  readonly region: string
  readonly #run: RunCli

  constructor(run: RunCli, region: string) {
    this.#run = run
    this.region = region
  }

  /** @throws {AwsError} */
  async json<Schema extends z.ZodType>(schema: Schema, ...args: string[]): Promise<z.output<Schema>> {
    const output = await this.call(args)
    return schema.parse(output.trim() === '' ? {} : JSON.parse(output))
  }

  /**
   * What a call prints.
   * @param secret handed over on stdin; an argument says `fromStdin` where it belongs
   * @throws {AwsError} whose message does not hold the secret
   */
  async call(args: readonly string[], secret?: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#run(
      [...args, '--region', this.region, '--output', 'json'],
      secret,
    )
    if (exitCode === 0) return stdout
    throw toError(secret ? stderr.replaceAll(secret, '…') : stderr, args)
  }

  /** The version that `aws --version` tells; undefined when there is no such program. */
  async version(): Promise<string | undefined> {
    const { exitCode, stdout, stderr } = await this.#run(['--version'])
    return exitCode === 0 ? /aws-cli\/(\S+)/.exec(stdout + stderr)?.[1] : undefined
  }
}

const toError = (stderr: string, args: readonly string[]): AwsError => {
  const [, code, message = ''] = refusal.exec(stderr) ?? []
  const what = args
    .filter(arg => !arg.startsWith('-'))
    .slice(0, 2)
    .join(' ')
  const said = (code ? `${code}: ${message}` : stderr).trim() || 'it ended without a word'
  return new AwsError(`aws ${what}: ${said}`, code)
}

/** Whether a call failed because the identity may not make it. */
export const isDenied = (error: unknown): boolean =>
  error instanceof AwsError &&
  /^(AccessDenied|UnauthorizedOperation|AuthorizationError)/.test(error.code ?? '')
