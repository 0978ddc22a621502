import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import { type Bundle, codeBytes, codeOf, loadedAtImport, reachable, readBundle } from '../support/bundles.ts'
import { functionsOf, readTemplate, resourcesOf } from '../support/cloudformation.ts'

/** A bundle may grow by this much before somebody has to look and run `npm run sizes`. */
const mostGrowth = 1.1
const recordFile = join(projectDir, 'tests/infra/bundle-sizes.json')

const sizeSchema = z.strictObject({
  /** Of every file in the zip, unzipped. */
  code_bytes: z.int(),
  /** Of what importing the entry loads. */
  loaded_bytes: z.int(),
})
type Size = z.infer<typeof sizeSchema>

const { dev } = inject('packagedStages')
const template = await readTemplate(dev)
const functions = functionsOf(template, 'dev')
const roles = resourcesOf(template, 'AWS::IAM::Role', z.unknown())

const bundles = new Map<string, Bundle>()
for (const name of [...functions.keys()].sort()) {
  bundles.set(name, await readBundle(join(dev, `${name}.zip`)))
}

const sizeOf = (bundle: Bundle): Size => ({
  code_bytes: codeBytes(bundle),
  loaded_bytes: codeBytes(bundle, loadedAtImport(bundle)),
})

if (process.env.RECORD_SIZES) {
  const sizes = Object.fromEntries([...bundles].map(([name, bundle]) => [name, sizeOf(bundle)]))
  await writeFile(recordFile, `${JSON.stringify(sizes, null, 2)}\n`)
}
const recorded = z.record(z.string(), sizeSchema).parse(JSON.parse(await readFile(recordFile, 'utf8')))

describe('the size of each bundle', () => {
  test('is recorded, for these functions and no others', () => {
    expect(Object.keys(recorded).sort()).toEqual([...bundles.keys()])
  })

  test.each([...bundles])('of %s is at most a tenth above the recorded one', (name, bundle) => {
    const { code_bytes, loaded_bytes } = sizeOf(bundle)
    const most = recorded[name] ?? { code_bytes: 0, loaded_bytes: 0 }
    expect(code_bytes).toBeLessThanOrEqual(most.code_bytes * mostGrowth)
    expect(loaded_bytes).toBeLessThanOrEqual(most.loaded_bytes * mostGrowth)
  })
})

/** What a bundle has in it where it holds a vendor's SDK or ours for it, and what a role says where it may use it. */
const usedByRight: Record<string, { readonly code: string; readonly right: string }> = {
  DynamoDB: { code: 'com.amazonaws.dynamodb', right: '"dynamodb:' },
  SSM: { code: 'com.amazonaws.ssm', right: '"ssm:' },
  Lambda: { code: 'com.amazonaws.lambda', right: '"lambda:InvokeFunction"' },
  Stripe: { code: 'api.stripe.com', right: '/STRIPE_SECRET_KEY"' },
  AssemblyAI: { code: 'api.assemblyai.com', right: '/ASSEMBLYAI_API_KEY"' },
  OpenAI: { code: 'api.openai.com', right: '/OPENAI_API_KEY"' },
  Twitch: { code: 'gql.twitch.tv', right: '/TWITCH_CLIENT_SECRET"' },
}

/** Packages that only these functions use. */
const usedBy: Record<string, { readonly code: string; readonly functions: readonly string[] }> = {
  mediabunny: { code: 'mediabunny', functions: ['clip-create'] },
  bcryptjs: { code: 'Illegal salt length', functions: ['auth-login', 'auth-register'] },
}

/** It looks whether every secret is there, and calls no vendor. */
const looksAtAllSecrets = 'health'

/** As esbuild writes it. */
const importOfNodes = /(?:\bfrom|\bimport)\s*\(?"(?:node:\w|https?"|crypto"|stream"|util"|zlib")/

const holding = (code: string): string[] =>
  [...bundles].filter(([, bundle]) => codeOf(bundle).includes(code)).map(([name]) => name)

const allowed = (right: string): string[] =>
  [...functions]
    .filter(([, { roleId }]) => JSON.stringify(roles.get(roleId)).includes(right))
    .map(([name]) => name)
    .sort()

describe('each zip', () => {
  test.each([...bundles])('of %s holds no file that it never comes to', (_, bundle) => {
    const reached = reachable(bundle)
    expect([...bundle.files.keys()].filter(file => !reached.has(file))).toEqual([])
  })

  test.each([...bundles])(
    'of %s takes no module of Node’s by an import, which would load undici',
    (_, bundle) => {
      expect(importOfNodes.exec(codeOf(bundle))).toBeNull()
    },
  )

  test.each(Object.entries(usedByRight))(
    'holds what talks to %s where its role lets it',
    (_, { code, right }) => {
      const those = allowed(right).filter(
        name => right === '"ssm:' || name !== looksAtAllSecrets || !right.startsWith('/'),
      )
      expect(holding(code)).toEqual(those)
      expect(those).not.toEqual([])
    },
  )

  test.each(Object.entries(usedBy))('holds %s where it is used', (_, { code, functions: those }) => {
    expect(holding(code)).toEqual(those)
  })
})
