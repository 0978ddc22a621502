import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { developmentId } from '../extension/build/development-id.ts'
import { cacheDir, projectDir } from './paths.ts'

const resourcesSchema = z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() }))
const partsSchema = z.array(z.object({ Resources: resourcesSchema.default({}) }))

const definitionSchema = z.object({
  provider: z.object({ environment: z.record(z.string(), z.unknown()) }),
  functions: z.record(
    z.string(),
    z.object({
      name: z.string(),
      /** How often an asynchronous invocation is tried again. */
      maximumRetryAttempts: z.int().exactOptional(),
      /** How long after an asynchronous invocation it may still begin, in seconds. */
      maximumEventAge: z.int().exactOptional(),
    }),
  ),
  /** serverless.yml gathers them from several files. */
  resources: z.union([
    z.object({ Resources: resourcesSchema }),
    partsSchema.transform(parts => ({
      Resources: Object.fromEntries(parts.flatMap(({ Resources }) => Object.entries(Resources))),
    })),
  ]),
})

/** What this machine needs to know of serverless.yml, its variables resolved. */
export type ServiceDefinition = z.infer<typeof definitionSchema>

/** What `serverless print` needs of this machine: nothing else of a shell may get into what is kept. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'NODE_EXTRA_CA_CERTS']

/** The text of serverless.yml and of what it includes. */
async function readServiceFiles(): Promise<Buffer[]> {
  const infraDir = join(projectDir, 'infra')
  const included = (await readdir(infraDir)).sort().map(name => join(infraDir, name))
  return Promise.all([join(projectDir, 'serverless.yml'), ...included].map(file => readFile(file)))
}

/**
 * Reads serverless.yml for a stage. The variables are resolved by `serverless print`; the answer is kept in
 * node_modules/.cache by the hash of the files.
 *
 * @param tablesSuffix what the names of the ledger's tables end in
 * @throws {Error} when serverless.yml can't be read
 */
export async function readServiceDefinition(stage: string, tablesSuffix = ''): Promise<ServiceDefinition> {
  const hash = createHash('sha256').update(`${stage}\0${tablesSuffix}\0`)
  for (const text of await readServiceFiles()) hash.update(text)
  const cacheFile = join(cacheDir, `service-${hash.digest('hex').slice(0, 32)}.json`)
  const cached = await readFile(cacheFile, 'utf8').catch(() => undefined)
  if (cached !== undefined) return definitionSchema.parse(JSON.parse(cached))

  const definition = await printDefinition(stage, tablesSuffix)
  await mkdir(cacheDir, { recursive: true })
  const partFile = `${cacheFile}.${process.pid}`
  await writeFile(partFile, JSON.stringify(definition))
  await rename(partFile, cacheFile)
  return definition
}

async function printDefinition(stage: string, tablesSuffix: string): Promise<ServiceDefinition> {
  const cli = createRequire(import.meta.url).resolve('serverless/bin/serverless.js')
  const machine = Object.fromEntries(passedOn.map(name => [name, process.env[name]]))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [cli, 'print', '--format', 'json', '--stage', stage],
    {
      cwd: projectDir,
      maxBuffer: 64 * 1024 * 1024,
      // serverless.yml demands the extension, though nothing here hangs on it.
      env: { ...machine, EXTENSION_ID: developmentId, TABLES_SUFFIX: tablesSuffix },
    },
  )
  return definitionSchema.parse(JSON.parse(stdout))
}
