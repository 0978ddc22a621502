import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { unzipSync } from 'fflate'
import * as z from 'zod'
import { DeployProblem } from './problem.ts'
import type { PackageOrder } from './session.ts'
import { digestOf, type Template, templateSchema } from './template.ts'

/** A function's code. */
export interface CodeZip {
  /** Absolute. */
  readonly file: string
  /** Where it belongs in the bucket: it follows from what is in it. */
  readonly key: string
}

/** What packaging a stage has made. Nothing in it is secret. */
export interface StagePackage {
  readonly compiled: Template
  /** By file name, as the template names it. */
  readonly zips: ReadonlyMap<string, CodeZip>
  /** Where all of it is, absolute; it is of no use any more once it has been uploaded. */
  readonly directory: string
}

/** What osls and esbuild need of this machine; a secret that a shell exports does not get in. */
const passedOn = ['PATH', 'HOME', 'LANG', 'TZ']
const codePrefix = 'functions/'

/**
 * Builds and packages a stage in a directory of its own.
 * @throws {DeployProblem} with what osls says
 */
export const packageService = async (
  projectDir: string,
  environment: NodeJS.ProcessEnv,
  order: PackageOrder,
): Promise<StagePackage> => {
  const directory = await mkdtemp(join(tmpdir(), `live-transcription-${order.stage}-`))
  try {
    await runPackage(projectDir, environment, order, directory)
    return await readPackage(projectDir, directory)
  } catch (error) {
    await rm(directory, { recursive: true })
    throw error
  }
}

const runPackage = async (
  projectDir: string,
  environment: NodeJS.ProcessEnv,
  { stage, region, variables }: PackageOrder,
  directory: string,
): Promise<void> => {
  const cli = createRequire(import.meta.url).resolve('serverless/bin/serverless.js')
  const machine = passedOn.flatMap(name => (environment[name] ? [[name, environment[name]] as const] : []))
  const child = spawn(
    process.execPath,
    [cli, 'package', '--stage', stage, '--region', region, '--package', directory],
    {
      cwd: projectDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...Object.fromEntries(machine),
        // What esbuild's plugin leaves behind goes with the rest.
        TMPDIR: directory,
        ESBUILD_WORK_DIR: `.esbuild/deploy-${stage}`,
        ...variables,
      },
    },
  )
  const ended = new Promise<number | null>((done, fail) => {
    child.once('error', fail)
    child.once('close', done)
  })
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  if (code === 0) return
  throw new DeployProblem(
    `The functions could not be built, and nothing was changed:\n${(output + errors).trim()}`,
  )
}

const stateSchema = z.object({ package: z.object({ artifact: z.string().default('') }) })
const codeSchema = z.object({ Code: z.object({ S3Key: z.string() }) })

const readPackage = async (projectDir: string, directory: string): Promise<StagePackage> => {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(directory, name), 'utf8'))
  const compiled = templateSchema.parse(await read('cloudformation-template-update-stack.json'))
  const state = stateSchema.parse(await read('serverless-state.json'))
  const names = Object.values(compiled.Resources).flatMap(({ Properties }) => {
    const code = codeSchema.safeParse(Properties)
    return code.success ? [basename(code.data.Code.S3Key)] : []
  })
  const zips = await Promise.all(
    [...new Set(names)].map(async name => {
      const file = state.package.artifact
        ? resolve(projectDir, state.package.artifact)
        : join(directory, name)
      return [name, { file, key: `${codePrefix}${await contentDigest(file)}.zip` }] as const
    }),
  )
  return { compiled, zips: new Map(zips), directory }
}

/** The same for the same files, however they are packed. */
const contentDigest = async (file: string): Promise<string> => {
  const files = Object.entries(unzipSync(await readFile(file)))
  const lines = files.map(
    ([name, content]) => `${name} ${createHash('sha256').update(content).digest('hex')}\n`,
  )
  return digestOf(lines.sort().join(''))
}
