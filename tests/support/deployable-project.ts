import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import type { TestProject } from 'vitest/node'
import { parse, stringify } from 'yaml'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import { packageService } from '../../scripts/deploy/package-stage.ts'

/** Templates as osls compiles them, without the bundles, which are all that takes long. */
export interface DeployableProject {
  /** The project, with functions that have no code. */
  readonly directory: string
  /** JSON, by stage and what the names of the tables end in: `dev`, `dev-r20261129120000`. */
  readonly templates: Readonly<Record<string, string>>
}

declare module 'vitest' {
  interface ProvidedContext {
    deployableProject: DeployableProject
  }
}

/** What stands in the templates for what a test sets. */
export const markers = { VERSION: 'version-of-the-test', EXTENSION_ID: 'abcdefghijklmnopabcdefghijklmnop' }
export const restoredSuffix = '-r20261129120000'
export const region = 'us-east-1'

const serviceSchema = z.looseObject({ plugins: z.array(z.string()) })
const linked = [
  'node_modules',
  'scripts',
  'src',
  'extension',
  'local',
  'infra',
  'package.json',
  'tsconfig.json',
  '.env.example',
  'deploy.sh',
]

/** A copy of the project whose functions hold nothing. */
export const makeLightProject = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'deployable-'))
  const service = serviceSchema.parse(parse(await readFile(join(projectDir, 'serverless.yml'), 'utf8')))
  const light = {
    ...service,
    plugins: service.plugins.filter(plugin => plugin !== 'serverless-esbuild'),
    package: { artifact: 'empty.zip' },
  }
  await Promise.all([
    ...linked.map(name => symlink(join(projectDir, name), join(directory, name))),
    writeFile(join(directory, 'serverless.yml'), stringify(light)),
    writeFile(join(directory, 'empty.zip'), zipSync({})),
  ])
  return directory
}

export default async (project: TestProject): Promise<() => Promise<void>> => {
  const directory = await makeLightProject()
  const remove = (): Promise<void> => rm(directory, { recursive: true })
  try {
    const templates: Record<string, string> = {}
    for (const [stage, suffix] of [
      ['dev', ''],
      ['dev', restoredSuffix],
      ['prod', ''],
    ] as const) {
      const variables = { ...markers, TABLES_SUFFIX: suffix }
      const packed = await packageService(directory, process.env, { stage, region, variables })
      templates[`${stage}${suffix}`] = JSON.stringify(packed.compiled)
      await rm(packed.directory, { recursive: true })
    }
    project.provide('deployableProject', { directory, templates })
    return remove
  } catch (error) {
    await remove()
    throw error
  }
}
