import { type ChildProcess, fork } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import * as z from 'zod'
import type { PlayedAccount } from './account.ts'

const functionSchema = z.object({
  Properties: z.object({
    FunctionName: z.string(),
    Handler: z.string(),
    Code: z.object({ S3Bucket: z.string(), S3Key: z.string() }),
    Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  }),
})
type FunctionProperties = z.output<typeof functionSchema>['Properties']

/** Loads a handler as Lambda's runtime does, and hands it one event after the other. */
const runtime = `
const [file, name] = process.argv.slice(2)
const { [name]: handler } = await import(file)
process.on('message', async ({ id, event }) => {
  const answer = await handler(event, { awsRequestId: id }).catch(error => ({ statusCode: 500, body: String(error) }))
  process.send({ id, answer })
})
process.send({ id: 'ready' })
`

const messageSchema = z.object({ id: z.string(), answer: z.unknown().optional() })

interface RunningFunction {
  /** What it was started with; another one starts it anew. */
  readonly definition: string
  readonly child: ChildProcess
  invoke(event: object): Promise<unknown>
}

export interface PlayedFunctionsOptions {
  readonly account: PlayedAccount
  /** Where code is unpacked. */
  readonly directory: string
  /** What the functions write is appended to this file. */
  readonly logFile: string
  /** Where AWS and the vendors are, and the credentials of a role. */
  readonly surroundings: () => Readonly<Record<string, string>>
}

/**
 * Lambda: the code that was uploaded, run by what the stack says of each function, in a process of its own that has
 * the function's variables and nothing of the test's.
 */
export class PlayedFunctions {
  readonly #options: PlayedFunctionsOptions
  readonly #running = new Map<string, Promise<RunningFunction>>()
  #count = 0

  constructor(options: PlayedFunctionsOptions) {
    this.#options = options
  }

  /** @param logicalId the function's in the stack */
  async invoke(logicalId: string, event: object): Promise<unknown> {
    const definition = (await this.#options.account.stack())?.resources[logicalId]?.definition
    if (definition === undefined) throw new Error(`The stack has no ${logicalId}.`)
    const running = await this.#running.get(logicalId)
    if (running?.definition === definition) return running.invoke(event)
    running?.child.kill()
    const starting = this.#start(definition)
    this.#running.set(logicalId, starting)
    return (await starting).invoke(event)
  }

  async close(): Promise<void> {
    for (const running of this.#running.values()) (await running.catch(() => undefined))?.child.kill()
  }

  async #start(definition: string): Promise<RunningFunction> {
    const { Properties: properties } = functionSchema.parse(JSON.parse(definition))
    const directory = await this.#unpack(properties)
    const [, file = '', name = ''] = /^(.*)\.(\w+)$/.exec(properties.Handler) ?? []
    const child = fork(join(directory, 'runtime.mjs'), [join(directory, `${file}.mjs`), name], {
      silent: true,
      env: { ...(await this.#variablesOf(properties)), ...this.#options.surroundings() },
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => void appendFile(this.#options.logFile, chunk))
    }
    const waiting = new Map<string, (answer: unknown) => void>()
    child.on('message', message => {
      const { id, answer } = messageSchema.parse(message)
      waiting.get(id)?.(answer)
    })
    const ended = new Promise<never>((_resolve, reject) => {
      child.once('exit', code => reject(new Error(`${properties.FunctionName} ended with ${code}.`)))
    })
    ended.catch(() => undefined)
    const answerTo = (id: string): Promise<unknown> =>
      Promise.race([new Promise(resolve => waiting.set(id, resolve)), ended])
    await answerTo('ready')
    return {
      definition,
      child,
      invoke: event => {
        const id = `request-${++this.#count}`
        const answer = answerTo(id)
        child.send({ id, event })
        return answer
      },
    }
  }

  async #unpack({ FunctionName, Code }: FunctionProperties): Promise<string> {
    const content = (await this.#options.account.read()).buckets[Code.S3Bucket]?.[Code.S3Key]
    if (content === undefined) throw new Error(`${FunctionName} has no code at ${Code.S3Key}.`)
    const directory = await mkdtemp(join(this.#options.directory, `${FunctionName}-`))
    const files = Object.entries(unzipSync(Buffer.from(content, 'base64')))
    for (const [path, bytes] of files.filter(([path]) => !path.endsWith('/'))) {
      await mkdir(dirname(join(directory, path)), { recursive: true })
      await writeFile(join(directory, path), bytes)
    }
    await writeFile(join(directory, 'runtime.mjs'), runtime)
    return directory
  }

  /** What CloudFormation would compute is the API's address alone. */
  async #variablesOf({ FunctionName, Environment }: FunctionProperties): Promise<Record<string, string>> {
    const { apiUrl } = await this.#options.account.read()
    const entries = Object.entries(Environment.Variables).map(([name, value]) => {
      if (typeof value === 'string') return [name, value] as const
      if (name === 'PUBLIC_API_URL') return [name, apiUrl] as const
      throw new Error(`${name} of ${FunctionName} is ${JSON.stringify(value)}, which nobody plays.`)
    })
    return { ...Object.fromEntries(entries), AWS_LAMBDA_FUNCTION_NAME: FunctionName }
  }
}
