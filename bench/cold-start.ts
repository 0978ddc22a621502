import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { parse, stringify } from 'yaml'
import * as z from 'zod'
import { projectDir } from '../local/paths.ts'
import {
  type Bundle,
  bundleVariables,
  codeBytes,
  loadedAtImport,
  readBundle,
  secretVariables,
} from '../tests/support/bundles.ts'
import { packageInto } from '../tests/support/packaged-service.ts'

/**
 * Packages the service twice, as it is deployed and as serverless-esbuild packs it by default, and imports each
 * function's bundle of either in turn, in a fresh process each time. On a busy machine believe the ratios, and of the
 * times the processor's: a target is missed where both clocks say so.
 */

const runs = Number(process.env.RUNS ?? 9)
/** What a bundle's import may take of the default's. */
const targets: Record<string, number> = {
  'credits-balance': 0.6,
  'stream-start': 0.6,
  'stream-renew': 0.6,
  'stream-stop': 0.6,
  'webhook-stripe': 0.45,
}

const environment = { ...bundleVariables, ...secretVariables }

const serviceSchema = z.looseObject({ custom: z.looseObject({}) })
/** For packages that are no ES modules and take Node's own. */
const requireBanner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`

/**
 * The service with serverless-esbuild's defaults, and what it takes for them to run: ES modules, since entries await
 * what they are made of, with a `require` for what is not one.
 */
const withDefaults = (serviceFile: string, directory: string): string => {
  const { custom, ...service } = serviceSchema.parse(parse(serviceFile))
  const esbuild = {
    format: 'esm',
    outputFileExtension: '.mjs',
    banner: { js: requireBanner },
    plugins: relative(directory, join(projectDir, 'bench/cold-start/static-imports.mjs')),
  }
  return stringify({ ...service, custom: { ...custom, esbuild } })
}

interface UnpackedBundle extends Bundle {
  /** Where its entry is. */
  readonly path: string
}

const unpack = async (zip: string, directory: string): Promise<UnpackedBundle> => {
  const bundle = await readBundle(zip)
  const target = join(directory, basename(zip, '.zip'))
  await mkdir(target, { recursive: true })
  for (const [name, bytes] of bundle.files) await writeFile(join(target, name), bytes)
  return { ...bundle, path: join(target, bundle.entry) }
}

/** Every function's bundle, by its name. */
const packaged = async (
  root: string,
  name: string,
  serviceFileIn: (directory: string) => string,
): Promise<Map<string, UnpackedBundle>> => {
  const directory = join(root, name)
  await mkdir(directory)
  const output = await packageInto(directory, serviceFileIn(directory), 'bench', 'us-east-1')
  const zips = (await readdir(output)).filter(file => file.endsWith('.zip')).sort()
  const bundles = new Map<string, UnpackedBundle>()
  for (const zip of zips) {
    bundles.set(basename(zip, '.zip'), await unpack(join(output, zip), join(directory, 'bundles')))
  }
  return bundles
}

interface Cost {
  readonly wallMs: number
  /** User and system, of all threads. */
  readonly cpuMs: number
}

const costSchema = z.object({ wallMs: z.number(), cpuMs: z.number() })

const importOnce = (path: string): Cost => {
  const script = `
    const before = process.cpuUsage(), from = performance.now()
    await import(${JSON.stringify(path)})
    const wallMs = performance.now() - from, { user, system } = process.cpuUsage(before)
    process.stdout.write(JSON.stringify({ wallMs, cpuMs: (user + system) / 1_000 }))`
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { env: environment })
  return costSchema.parse(JSON.parse(printed.toString()))
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

const medianCost = (costs: readonly Cost[]): Cost => ({
  wallMs: median(costs.map(({ wallMs }) => wallMs)),
  cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
})

/** Alternates between the two, so that what else the machine does strikes both. */
const compare = (ours: UnpackedBundle, byDefault: UnpackedBundle): { ours: Cost; byDefault: Cost } => {
  const pairs = Array.from(
    { length: runs },
    () => [importOnce(ours.path), importOnce(byDefault.path)] as const,
  )
  return {
    ours: medianCost(pairs.map(([cost]) => cost)),
    byDefault: medianCost(pairs.map(([, cost]) => cost)),
  }
}

const kilobytes = (bytes: number): number => Math.round(bytes / 1_024)
const loadedKilobytes = (bundle: Bundle): number => kilobytes(codeBytes(bundle, loadedAtImport(bundle)))
const against = (ours: number, byDefault: number, digits = 0): string =>
  `${ours.toFixed(digits)} / ${byDefault.toFixed(digits)}`

const directory = await mkdtemp(join(tmpdir(), 'cold-start-'))
try {
  const serviceFile = await readFile(join(projectDir, 'serverless.yml'), 'utf8')
  const deployed = await packaged(directory, 'deployed', () => serviceFile)
  const defaults = await packaged(directory, 'default', target => withDefaults(serviceFile, target))
  const rows = []
  const missed: string[] = []
  for (const [name, bundle] of deployed) {
    const other = defaults.get(name)
    if (!other) throw new Error(`${name} is not in the default build.`)
    const { ours, byDefault } = compare(bundle, other)
    const ratio = ours.wallMs / byDefault.wallMs
    const cpuRatio = ours.cpuMs / byDefault.cpuMs
    const target = targets[name]
    if (target !== undefined && Math.min(ratio, cpuRatio) > target) {
      missed.push(`${name}: ${ratio.toFixed(2)}, not ${target}`)
    }
    rows.push({
      function: name,
      'ms / default': against(ours.wallMs, byDefault.wallMs),
      ratio: ratio.toFixed(2),
      target: target ?? '',
      'CPU ms / default': against(ours.cpuMs, byDefault.cpuMs),
      'CPU ratio': cpuRatio.toFixed(2),
      'KB loaded': against(loadedKilobytes(bundle), loadedKilobytes(other)),
      'KB zipped': against(kilobytes(bundle.zipBytes), kilobytes(other.zipBytes)),
    })
  }
  console.log(
    `Importing each function's bundle in a fresh Node ${process.version}, ${runs} times each: medians.`,
  )
  console.table(rows)
  if (missed.length > 0) console.error(`Slower than they should be: ${missed.join('; ')}.`)
  process.exitCode = missed.length > 0 ? 1 : 0
} finally {
  await rm(directory, { recursive: true, force: true })
}
