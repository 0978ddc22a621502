import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { projectDir } from '../../../local/paths.ts'
import plugins from '../../../scripts/esbuild-plugins.mjs'

const run = promisify(execFile)
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'esbuild-plugins-'))
})
afterEach(() => rm(dir, { recursive: true }))

/** Bundles these sources, of which `entry.ts` is the entry, as serverless.yml has it done. */
const bundle = async (sources: Record<string, string>): Promise<string[]> => {
  await mkdir(join(dir, 'src'))
  for (const [name, source] of Object.entries(sources)) await writeFile(join(dir, 'src', name), source)
  await writeFile(join(dir, 'package.json'), JSON.stringify({ sideEffects: false }))
  await build({
    absWorkingDir: dir,
    entryPoints: ['src/entry.ts'],
    outdir: join(dir, 'out'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    nodePaths: [join(projectDir, 'node_modules')],
    plugins,
  })
  return (await readdir(join(dir, 'out'))).sort()
}

const printed = async (env: Record<string, string> = {}): Promise<unknown> => {
  const { stdout } = await run(process.execPath, [join(dir, 'out/entry.mjs')], { env })
  return JSON.parse(stdout)
}

describe("Node's own modules", () => {
  test.each(['http', 'node:https'])('%s does its work, and loads no undici', async name => {
    await bundle({
      'entry.ts': `
        import { request } from '${name}'
        import * as all from '${name}'
        import whole from '${name}'
        const { Agent } = await import('${name}')
        const undici = process.moduleLoadList.filter(name => name.includes('undici'))
        console.log(JSON.stringify([typeof request, all.request === whole.request, typeof Agent, undici]))`,
    })
    expect(await printed()).toEqual(['function', true, 'function', []])
  })

  test('of two parts are found, and those that nothing uses are left out', async () => {
    await bundle({
      'entry.ts': `
        import { readFile } from 'node:fs/promises'
        import { request } from 'node:http'
        const used = process.moduleLoadList.filter(name => name === 'NativeModule http')
        console.log(JSON.stringify([typeof readFile, used]))`,
    })
    expect(await printed()).toEqual(['function', []])
  })
})

describe("the AWS SDK's credentials", () => {
  const source = `
    import { defaultProvider } from '@aws-sdk/credential-provider-node'
    const { accessKeyId, secretAccessKey, sessionToken } = await defaultProvider({})()
    console.log(JSON.stringify([accessKeyId, secretAccessKey, sessionToken]))`

  test('are those of the environment, session token and all', async () => {
    const files = await bundle({ 'entry.ts': source })
    expect(files.filter(name => !name.startsWith('entry.chunk-'))).toEqual(['entry.mjs'])
    const env = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', AWS_SESSION_TOKEN: 'token' }
    expect(await printed(env)).toEqual(['id', 'key', 'token'])
  })

  test('are looked for nowhere else', async () => {
    await bundle({ 'entry.ts': source })
    const profile = { HOME: dir, AWS_PROFILE: 'operator' }
    await mkdir(join(dir, '.aws'))
    await writeFile(
      join(dir, '.aws/credentials'),
      '[operator]\naws_access_key_id = id\naws_secret_access_key = key\n',
    )
    await expect(printed(profile)).rejects.toThrow('Unable to find environment variable credentials')
  })
})

describe('chunks', () => {
  const later = "export const later = 'later'"
  const entry = "console.log(JSON.stringify((await import('./later.ts')).later))"

  test('have the name of their function before their own', async () => {
    const files = await bundle({ 'entry.ts': entry, 'later.ts': later })
    expect(files).toEqual([expect.stringMatching(/^entry\.later-\w+\.mjs$/), 'entry.mjs'])
    expect(await printed()).toBe('later')
  })

  test('that only code imports which was dropped are removed', async () => {
    const files = await bundle({
      'entry.ts': "import { used } from './both.ts'\nconsole.log(JSON.stringify(used))",
      'both.ts': "export const used = 1\nexport const unused = () => import('./later.ts')",
      'later.ts': later,
    })
    expect(files).toEqual(['entry.mjs'])
    expect(await printed()).toBe(1)
  })
})

test('a socket is opened by no bundle', async () => {
  await bundle({
    'entry.ts': `
      import WebSocket from 'ws'
      try { new WebSocket('ws://127.0.0.1:1') } catch (error) { console.log(JSON.stringify(error.message)) }`,
  })
  expect(await printed()).toBe('The functions open no socket.')
})
