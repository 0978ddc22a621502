import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { parse } from 'yaml'
import * as z from 'zod'
import { cacheDir, projectDir } from '../../local/paths.ts'

/** What a function's process is sent. */
export interface FunctionCall {
  readonly event: unknown
  /** How far the function's clock is ahead of this machine's. */
  readonly aheadMs: number
}

/** What it sends back. */
export type FunctionAnswer =
  | { readonly kind: 'ready'; readonly cpuUs: number }
  | {
      readonly kind: 'done'
      readonly answer: unknown
      readonly cpuUs: number
      readonly logBytes: number
      readonly logLines: number
    }
  | { readonly kind: 'failed'; readonly message: string }

type Done = Extract<FunctionAnswer, { kind: 'done' }>

const buildSchema = z.object({
  custom: z.object({
    esbuild: z.looseObject({
      mainFields: z.array(z.string()),
      plugins: z.string(),
    }),
  }),
})
const pluginsSchema = z.object({ default: z.array(z.custom<Plugin>()) })

/** The options of serverless.yml that esbuild itself knows. */
const readBuildOptions = async (): Promise<BuildOptions> => {
  const yaml = buildSchema.parse(parse(await readFile(join(projectDir, 'serverless.yml'), 'utf8')))
  const { mainFields, plugins } = yaml.custom.esbuild
  const { default: own } = pluginsSchema.parse(await import(pathToFileURL(join(projectDir, plugins)).href))
  return {
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outExtension: { '.js': '.mjs' },
    mainFields,
    plugins: own,
  }
}

const childFile = fileURLToPath(new URL('./function-process.ts', import.meta.url))

class FunctionProcess {
  readonly #child: ChildProcess

  constructor(bundle: string, name: string, env: NodeJS.ProcessEnv) {
    this.#child = fork(childFile, [bundle, name], { env, serialization: 'advanced' })
  }

  next(): Promise<FunctionAnswer> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`A function's process ended with ${code}.`))
      this.#child.once('exit', onExit)
      this.#child.once('message', (answer: FunctionAnswer) => {
        this.#child.off('exit', onExit)
        resolve(answer)
      })
    })
  }

  call(call: FunctionCall): Promise<FunctionAnswer> {
    const answer = this.next()
    this.#child.send(call)
    return answer
  }

  end(): void {
    this.#child.kill()
  }
}

interface Running {
  readonly process: FunctionProcess
  readonly importCpuUs: number
}

/** The bundled functions, each in a process that is started when it is first called. */
export class Functions {
  readonly #environment: NodeJS.ProcessEnv
  readonly #options: BuildOptions
  readonly #dir: string
  readonly #running = new Map<string, Promise<Running>>()

  private constructor(environment: NodeJS.ProcessEnv, options: BuildOptions, dir: string) {
    this.#environment = environment
    this.#options = options
    this.#dir = dir
  }

  static async prepare(environment: NodeJS.ProcessEnv): Promise<Functions> {
    const dir = await mkdtemp(join(cacheDir, 'cost-'))
    return new Functions(environment, await readBuildOptions(), dir)
  }

  /** @throws {Error} with the function's own stack where it throws */
  async call(name: string, call: FunctionCall): Promise<Done> {
    const { process } = await this.#start(name)
    const answer = await process.call(call)
    if (answer.kind === 'failed') throw new Error(`${name} failed: ${answer.message}`)
    if (answer.kind === 'ready') throw new Error(`${name} has started a second time.`)
    return answer
  }

  /** CPU time of importing a function's bundle, in microseconds. */
  async importCpuUs(name: string): Promise<number> {
    return (await this.#start(name)).importCpuUs
  }

  async close(): Promise<void> {
    for (const running of this.#running.values()) (await running).process.end()
    await rm(this.#dir, { recursive: true, force: true })
  }

  #start(name: string): Promise<Running> {
    const running = this.#running.get(name) ?? this.#boot(name)
    this.#running.set(name, running)
    return running
  }

  async #boot(name: string): Promise<Running> {
    const outdir = join(this.#dir, name)
    await build({
      ...this.#options,
      absWorkingDir: projectDir,
      entryPoints: [`src/handlers/entries/${name}.ts`],
      outdir,
    })
    const process = new FunctionProcess(join(outdir, `${name}.mjs`), name, this.#environment)
    const ready = await process.next()
    if (ready.kind !== 'ready') throw new Error(`${name} did not start.`)
    return { process, importCpuUs: ready.cpuUs }
  }
}
