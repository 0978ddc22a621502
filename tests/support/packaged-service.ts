import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { zipSync } from 'fflate'
import type { TestProject } from 'vitest/node'
import { parse, stringify } from 'yaml'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import { readTemplate, type Template } from './cloudformation.ts'

/** Directories that hold what `serverless package` made: templates, and for dev the functions' zips too. */
export interface PackagedStages {
  readonly dev: string
  readonly prod: string
  /** A long name in a region with a long name. */
  readonly productionEu: string
  /** prod with everything on that is off by default, and after a restore. */
  readonly switchedOn: string
}

declare module 'vitest' {
  interface ProvidedContext {
    packagedStages: PackagedStages
  }
}

export const longRegion = 'ap-southeast-1'
export const packagedExtensionId = 'abcdefghijklmnopabcdefghijklmnop'

/** Settings of a stage that has all that can be had. */
export const everySwitchOn = {
  ALARM_EMAIL: 'operator@example.com',
  MONTHLY_BUDGET_DOLLARS: '50',
  LOG_RETENTION_DAYS: '90',
  RESERVED_CONCURRENCY: 'on',
  XRAY: 'on',
  DOMAIN_NAME: 'api.example.com',
  DOMAIN_CERTIFICATE_ARN:
    'arn:aws:acm:us-east-1:123456789012:certificate/8d2b3a5e-1f0c-4b8e-9a6d-2c7f1e5b4a30',
  DOMAIN_HOSTED_ZONE_ID: 'Z0123456789ABCDEFGHIJ',
  VPC_SUBNET_IDS: 'subnet-0a1b2c3d, subnet-4e5f6a7b',
  VPC_SECURITY_GROUP_IDS: 'sg-0a1b2c3d',
  TABLES_SUFFIX: '-r20261129120000',
}

/** A value for each secret that can't be there by chance. */
export const secretMarkers = Object.fromEntries(
  [
    'JWT_SECRET',
    'JWT_SECRET_PREVIOUS',
    'STRIPE_SECRET_KEY',
    'STRIPE_WEBHOOK_SECRET',
    'ASSEMBLYAI_API_KEY',
    'ASSEMBLYAI_WEBHOOK_SECRET',
    'OPENAI_API_KEY',
    'TWITCH_CLIENT_SECRET',
  ].map(name => [name, `marker-of-${name.toLowerCase().replaceAll('_', '-')}-5f0c9e`]),
)

const serviceSchema = z.looseObject({ plugins: z.array(z.string()), package: z.unknown() })

/**
 * A copy of the service without its bundling, which is all that takes long: 30 seconds of processor time for the
 * bundles, 1.4 for a template.
 */
const withoutBundles = (serviceFile: string): string => {
  const service = serviceSchema.parse(parse(serviceFile))
  return stringify({
    ...service,
    plugins: service.plugins.filter(plugin => plugin !== 'serverless-esbuild'),
    package: { artifact: 'empty.zip' },
  })
}

/** A directory to package in: what packaging leaves behind or removes there meets no other run. */
const prepare = async (directory: string, serviceFile: string): Promise<void> => {
  const variables = Object.entries(secretMarkers).map(([name, value]) => `${name}=${value}\n`)
  await Promise.all([
    ...['node_modules', 'infra', 'scripts', 'src', 'package.json', 'tsconfig.json'].map(name =>
      symlink(join(projectDir, name), join(directory, name)),
    ),
    writeFile(join(directory, 'serverless.yml'), serviceFile),
    writeFile(join(directory, '.env'), variables.join('')),
    writeFile(join(directory, 'empty.zip'), zipSync({})),
  ])
}

/** Six times what it takes. */
const longestPackagingMs = 240_000

const run = promisify(execFile)

const runPackage = async (
  directory: string,
  stage: string,
  region: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const cli = createRequire(import.meta.url).resolve('serverless/bin/serverless.js')
  await run(process.execPath, [cli, 'package', '--stage', stage, '--region', region], {
    cwd: directory,
    timeout: longestPackagingMs,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      EXTENSION_ID: packagedExtensionId,
      ...secretMarkers,
      ...settings,
    },
  })
}

/** Packages the service that a `serverless.yml` describes in an empty directory. @returns where templates and zips are */
export const packageInto = async (
  directory: string,
  serviceFile: string,
  stage: string,
  region: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<string> => {
  await prepare(directory, serviceFile)
  await runPackage(directory, stage, region, settings)
  return join(directory, '.serverless')
}

/** A stage's template, packaged for those who need no bundles. */
export const packageTemplate = async (stage: string, region: string): Promise<Template> => {
  const directory = await mkdtemp(join(tmpdir(), `package-${stage}-`))
  try {
    const serviceFile = withoutBundles(await readFile(join(projectDir, 'serverless.yml'), 'utf8'))
    return await readTemplate(await packageInto(directory, serviceFile, stage, region))
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** Packages the service once for every file of the suite. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const serviceFile = await readFile(join(projectDir, 'serverless.yml'), 'utf8')
  const directories: string[] = []
  const packageStage = async (
    stage: string,
    region: string,
    file: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<string> => {
    const directory = await mkdtemp(join(tmpdir(), `package-${stage}-`))
    directories.push(directory)
    return packageInto(directory, file, stage, region, settings)
  }
  const removeAll = async (): Promise<void> => {
    await Promise.all(directories.map(directory => rm(directory, { recursive: true })))
  }
  try {
    const light = withoutBundles(serviceFile)
    const [dev, prod, productionEu, switchedOn] = await Promise.all([
      packageStage('dev', 'us-east-1', serviceFile),
      packageStage('prod', 'us-east-1', light),
      packageStage('production-eu', longRegion, light),
      packageStage('prod', 'us-east-1', light, everySwitchOn),
    ])
    project.provide('packagedStages', { dev, prod, productionEu, switchedOn })
    return removeAll
  } catch (error) {
    await removeAll()
    throw error
  }
}
