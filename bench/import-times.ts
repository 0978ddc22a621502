import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { parse } from 'yaml'
import * as z from 'zod'
import { cacheDir, projectDir } from '../local/paths.ts'

/** How often each bundle is imported, in a fresh process each time. */
const runs = 7

const buildSchema = z.object({
  custom: z.object({
    esbuild: z.looseObject({ banner: z.object({ js: z.string() }), mainFields: z.array(z.string()) }),
  }),
})

/** The options of serverless.yml that esbuild itself knows. */
const buildOptions = async (): Promise<BuildOptions> => {
  const yaml = buildSchema.parse(parse(await readFile(join(projectDir, 'serverless.yml'), 'utf8')))
  const { banner, mainFields } = yaml.custom.esbuild
  return {
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    banner,
    mainFields,
  }
}

const environment = {
  STAGE: 'bench',
  AWS_REGION: 'us-east-1',
  PUBLIC_API_URL: 'http://127.0.0.1:3000',
  EXTENSION_ID: 'a'.repeat(32),
  USERS_TABLE: 'users',
  USAGE_TABLE: 'usage',
  TRANSACTIONS_TABLE: 'transactions',
  EPHEMERA_TABLE: 'ephemera',
  CATCHUP_FETCH_FUNCTION: 'fetch',
  CATCHUP_WORKER_FUNCTION: 'worker',
  JWT_SECRET: 's'.repeat(32),
  STRIPE_SECRET_KEY: 'key',
  STRIPE_WEBHOOK_SECRET: 'secret',
  ASSEMBLYAI_API_KEY: 'key',
  ASSEMBLYAI_SPEECH_MODELS: 'model',
  ASSEMBLYAI_WEBHOOK_SECRET: 's'.repeat(32),
  OPENAI_API_KEY: 'key',
  OPENAI_MODEL: 'model',
  LIVE_MODELS: 'en=model',
  TWITCH_CLIENT_ID: 'client',
  TWITCH_CLIENT_SECRET: 'secret',
  TWITCH_PLAYBACK_CLIENT_ID: 'player',
}

const importMs = (file: string): number => {
  const script = `const t = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - t)`
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { env: environment })
  return Number(printed.toString())
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

/** Bytes that importing an entry loads: itself and every chunk that it imports statically. */
const loadedBytes = (
  outputs: Record<string, { bytes: number; imports: { path: string; kind: string }[] }>,
  entry: string,
): number => {
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path) || !outputs[path]) return
    seen.add(path)
    for (const { path: next, kind } of outputs[path].imports) if (kind === 'import-statement') visit(next)
  }
  visit(entry)
  return [...seen].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0)
}

const entriesDir = join(projectDir, 'src/handlers/entries')
const outdir = await mkdtemp(join(cacheDir, 'import-times-'))
try {
  const options = await buildOptions()
  const rows = []
  for (const file of (await readdir(entriesDir)).sort()) {
    const name = file.replace('.ts', '')
    const { metafile } = await build({
      ...options,
      entryPoints: [join(entriesDir, file)],
      outdir: join(outdir, name),
      outExtension: { '.js': '.mjs' },
      metafile: true,
      absWorkingDir: outdir,
    })
    const bundle = join(outdir, name, `${name}.mjs`)
    const times = Array.from({ length: runs }, () => importMs(bundle))
    rows.push({
      function: name,
      'import, median ms': Math.round(median(times)),
      'loaded, KB': Math.round(loadedBytes(metafile.outputs, `${name}/${name}.mjs`) / 1_024),
    })
  }
  console.log(`Importing each function's bundle in a fresh Node ${process.version}, ${runs} times each.`)
  console.table(rows)
} finally {
  await rm(outdir, { recursive: true, force: true })
}
