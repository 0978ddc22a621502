import { execFile } from 'node:child_process'
import { glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'

/** What files of a folder may import, and some of what they may not. */
interface Arrows {
  readonly allowed: readonly string[]
  readonly forbidden: readonly string[]
}

/** By a file that may be there, so that relative imports lead where they say. */
const arrows: Record<string, Arrows> = {
  'src/contracts/a.ts': {
    allowed: ['zod', './credits.ts'],
    forbidden: ['../domain/ledger.ts', '../http/csv.ts', '../config.ts', 'node:fs', 'stripe', 'zod-openapi'],
  },
  'src/domain/a.ts': {
    allowed: ['./ledger.ts', './stripe-events/event.ts', '../contracts/credits.ts'],
    forbidden: [
      '../db/dynamodb.ts',
      '../http/event.ts',
      '../upstream/deadline.ts',
      '../security/secrets.ts',
      '../media/clip-inspector.ts',
      '../config.ts',
      '../wiring/ask.ts',
      '../../local/paths.ts',
      '@aws-sdk/client-dynamodb',
      'stripe',
      'uuid',
      'zod',
      'node:crypto',
      'crypto',
    ],
  },
  'src/domain/stripe-events/a.ts': {
    allowed: ['./event.ts', '../ledger.ts', '../../contracts/credits.ts'],
    forbidden: [
      '../../db/dynamodb.ts',
      '../../upstream/stripe/client.ts',
      '../../config.ts',
      'stripe',
      'node:fs',
    ],
  },
  'src/http/a.ts': {
    allowed: [
      './event.ts',
      '../contracts/errors.ts',
      '@middy/core',
      '@middy/http-cors',
      'aws-lambda',
      'node:crypto',
    ],
    forbidden: [
      '../domain/errors.ts',
      '../db/dynamodb.ts',
      '../handlers/ask.ts',
      '../config.ts',
      '../wiring/ask.ts',
      '../../local/paths.ts',
      '@aws-sdk/client-ssm',
      'fastify',
    ],
  },
  'src/handlers/a.ts': {
    allowed: ['./caller.ts', '../http/endpoint.ts', '../contracts/auth.ts', '../domain/ledger.ts', 'zod'],
    forbidden: [
      './entries/ask.ts',
      '../db/dynamodb.ts',
      '../upstream/stripe/client.ts',
      '../security/secrets.ts',
      '../config.ts',
      '../wiring/ask.ts',
      '../../local/paths.ts',
      '@aws-sdk/client-dynamodb',
      'node:crypto',
    ],
  },
  'src/handlers/entries/a.ts': {
    allowed: ['../ask.ts', '../../wiring/ask.ts'],
    forbidden: [
      '../../domain/ledger.ts',
      '../../db/dynamodb.ts',
      '../../config.ts',
      '../../http/event.ts',
      'zod',
    ],
  },
  'src/db/a.ts': {
    allowed: ['./dynamodb.ts', '../domain/ports.ts', '@aws-sdk/lib-dynamodb', 'zod', 'node:zlib'],
    forbidden: [
      '../upstream/stripe/client.ts',
      '../http/event.ts',
      '../handlers/ask.ts',
      '../config.ts',
      '../wiring/ask.ts',
      '../../local/paths.ts',
      'stripe',
      'openai',
    ],
  },
  'src/upstream/stripe/a.ts': {
    allowed: [
      './client.ts',
      '../deadline.ts',
      '../retried-fetch.ts',
      '../hls/playlist.ts',
      '../../domain/ports.ts',
      'stripe',
      'hls-parser',
      'p-map',
      'zod',
    ],
    forbidden: [
      '../openai/language-model.ts',
      '../../db/dynamodb.ts',
      '../../http/event.ts',
      '../../config.ts',
      '../../wiring/ask.ts',
      '../../../local/paths.ts',
      'fastify',
    ],
  },
  'src/upstream/a.ts': {
    allowed: ['./deadline.ts', '../domain/errors.ts', 'p-retry'],
    forbidden: [
      '../db/dynamodb.ts',
      '../http/event.ts',
      '../config.ts',
      '../wiring/ask.ts',
      '../../local/paths.ts',
    ],
  },
  'src/media/a.ts': {
    allowed: ['../domain/ports.ts', 'mediabunny'],
    forbidden: ['../db/dynamodb.ts', '../config.ts', '../../local/paths.ts', '@aws-sdk/client-s3', 'stripe'],
  },
  'src/security/a.ts': {
    allowed: ['../domain/ports.ts', 'jose', 'bcryptjs', 'uuid', 'node:crypto'],
    forbidden: ['../db/dynamodb.ts', '../config.ts', '../../local/paths.ts', '@aws-sdk/client-kms', 'stripe'],
  },
  'src/config.ts': {
    allowed: ['zod'],
    forbidden: [
      './domain/ledger.ts',
      './wiring/ask.ts',
      '../local/paths.ts',
      'node:fs',
      '@aws-sdk/client-ssm',
    ],
  },
  'src/wiring/a.ts': {
    allowed: [
      './ledger.ts',
      '../config.ts',
      '../db/dynamodb.ts',
      '../upstream/stripe/client.ts',
      '../domain/ledger.ts',
      '../http/event.ts',
    ],
    forbidden: [
      '../handlers/ask.ts',
      '../handlers/entries/ask.ts',
      '../../local/paths.ts',
      '../../tests/support/database.ts',
    ],
  },
  'local/a.ts': {
    allowed: ['./paths.ts', '../src/contracts/credits.ts', 'fastify', 'stripe', 'node:fs'],
    forbidden: [
      '../src/domain/ledger.ts',
      '../src/config.ts',
      '../src/wiring/ask.ts',
      '../src/handlers/ask.ts',
    ],
  },
  'local/stand-ins/stripe/a.ts': {
    allowed: ['../state.ts', '../../../src/contracts/credits.ts', 'stripe'],
    forbidden: [
      '../../../src/domain/ledger.ts',
      '../../../src/upstream/stripe/client.ts',
      '../../../src/config.ts',
    ],
  },
  'ops/commands/a.ts': {
    allowed: [
      '../print.ts',
      '../../src/domain/ledger.ts',
      '../../src/config.ts',
      '@aws-sdk/client-sts',
      'zod',
    ],
    forbidden: ['../../local/paths.ts', '../../tests/support/database.ts', '../../src/handlers/ask.ts'],
  },
  'extension/panel/a.ts': {
    allowed: ['./panel.tsx', '../ui/text.ts', '../../src/contracts/credits.ts', 'preact/hooks', 'zod'],
    forbidden: [
      '../build/manifest.ts',
      '../../src/domain/ledger.ts',
      '../../src/config.ts',
      '../../local/paths.ts',
      '../../tests/support/speech.ts',
      'node:crypto',
    ],
  },
  'extension/build/a.ts': {
    allowed: ['./manifest.ts', 'wxt', 'fflate', 'node:fs'],
    forbidden: ['../../src/domain/ledger.ts', '../../local/paths.ts', '../../tests/support/speech.ts'],
  },
}

/** Each way to import, under a name of its own. */
const forms: readonly ((specifier: string, index: number) => string)[] = [
  (specifier, index) => `import { a${index} } from '${specifier}'`,
  (specifier, index) => `import type { B${index} } from '${specifier}'`,
  (specifier, index) => `export { c${index} } from '${specifier}'`,
  (specifier, index) => `export const d${index} = () => import('${specifier}')`,
]

const linesOf = (specifiers: readonly string[]): string[] =>
  specifiers.flatMap((specifier, index) => forms.map(form => form(specifier, index)))

const readsEnvironment = 'export const stage = process.env.STAGE'

const reportSchema = z.object({
  diagnostics: z.array(
    z.object({
      category: z.string(),
      location: z.object({ path: z.string(), start: z.object({ line: z.int() }) }),
    }),
  ),
})

const run = promisify(execFile)
/** The lines that each rule refuses, by file. */
const refused = new Map<string, string[]>()
let tree: string

const write = async (file: string, lines: readonly string[]): Promise<void> => {
  await mkdir(dirname(join(tree, file)), { recursive: true })
  await writeFile(join(tree, file), `${lines.join('\n')}\n`)
}

/** The linter's own configuration, but for git, which knows nothing of the tree. */
const linterConfig = async (): Promise<string> => {
  const config = z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(await readFile(join(projectDir, 'biome.json'), 'utf8')))
  return JSON.stringify({ ...config, vcs: { enabled: false }, $schema: undefined })
}

/** The rules that keep the arrows. */
const arrowRules = ['lint/style/noRestrictedImports', 'lint/style/noProcessEnv']

/** What the linter refuses, by every rule. It ends with 1 where it refuses something. */
const lint = async (): Promise<z.infer<typeof reportSchema>> => {
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none']
  const { stdout } = await run(process.execPath, args, { cwd: tree, maxBuffer: 64 * 1024 * 1024 }).catch(
    (failure: { stdout: string }) => failure,
  )
  return reportSchema.parse(JSON.parse(stdout))
}

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'architecture-'))
  const files = new Map(
    Object.entries(arrows).map(([file, { allowed, forbidden }]) => [
      file,
      [...linesOf(allowed), ...linesOf(forbidden), readsEnvironment],
    ]),
  )
  await Promise.all([...files].map(([file, lines]) => write(file, lines)))
  await writeFile(join(tree, 'biome.json'), await linterConfig())
  const { diagnostics } = await lint()
  for (const { location } of diagnostics.filter(({ category }) => arrowRules.includes(category))) {
    const line = files.get(location.path)?.[location.start.line - 1] ?? ''
    refused.set(location.path, [...(refused.get(location.path) ?? []), line])
  }
})

afterAll(() => rm(tree, { recursive: true }))

describe('the linter', () => {
  test.each(Object.entries(arrows))(
    'lets %s import what it may, and refuses the rest',
    (file, { forbidden }) => {
      const imports = (refused.get(file) ?? []).filter(line => line !== readsEnvironment)
      expect(imports.sort()).toEqual(linesOf(forbidden).sort())
    },
  )

  test('lets config.ts alone read the environment, in src', () => {
    const readers = Object.keys(arrows).filter(file => !refused.get(file)?.includes(readsEnvironment))
    expect(readers.filter(file => file.startsWith('src/'))).toEqual(['src/config.ts'])
  })

  test('has arrows for every folder of src', async () => {
    const folders = new Set<string>()
    for await (const file of glob('src/**/*.ts', { cwd: projectDir })) folders.add(dirname(file))
    const known = new Set(
      Object.keys(arrows).map(file => dirname(file).replace('upstream/stripe', 'upstream/*')),
    )
    const unknown = [...folders].filter(folder => !known.has(folder.replace(/upstream\/\w+/, 'upstream/*')))
    expect(unknown).toEqual([])
  })
})

test('the rules know neither the clock nor chance: both come in by ports', async () => {
  const impure =
    /\bDate\.now\b|new Date\(\)|\bMath\.random\b|\bcrypto\b|\bperformance\b|\bset(?:Timeout|Interval)\b|\bprocess\b/
  const found: string[] = []
  for await (const file of glob('src/domain/**/*.ts', { cwd: projectDir })) {
    if (impure.test(await readFile(join(projectDir, file), 'utf8'))) found.push(file)
  }
  expect(found).toEqual([])
})
