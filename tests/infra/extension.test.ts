import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, glob, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { buildExtension } from '../../extension/build/build-extension.ts'
import { buildForStore, type StoreZip } from '../../extension/build/build-for-store.ts'
import { developmentKey } from '../../extension/build/development-id.ts'
import { projectDir } from '../../local/paths.ts'

const apiUrl = 'https://abc123.execute-api.us-east-1.amazonaws.com'
const largestZipBytes = 150_000
/** What a copy of the repository needs to build. */
const buildInputs = ['extension', 'src', 'scripts', 'local', 'package.json', 'tsconfig.json']

const manifestSchema = z.looseObject({
  permissions: z.array(z.string()),
  optional_permissions: z.array(z.string()),
  content_security_policy: z.strictObject({ extension_pages: z.string() }),
  icons: z.record(z.string(), z.string()),
  action: z.looseObject({ default_popup: z.string(), default_icon: z.record(z.string(), z.string()) }),
  background: z.looseObject({ service_worker: z.string() }),
  options_ui: z.object({ page: z.string(), open_in_tab: z.boolean() }),
  side_panel: z.object({ default_path: z.string() }),
})

const run = promisify(execFile)
let dir: string
let zip: StoreZip
/** The text files of the store's zip, by their paths in it. */
const files = new Map<string, string>()
let manifest: z.infer<typeof manifestSchema>
let development: Record<string, unknown>
/** What the command printed in another copy of the repository, in another time zone. */
let printed: string

const buildElsewhere = async (): Promise<string> => {
  const copy = join(dir, 'another copy')
  await Promise.all(
    buildInputs.map(name => cp(join(projectDir, name), join(copy, name), { recursive: true })),
  )
  await symlink(join(projectDir, 'node_modules'), join(copy, 'node_modules'))
  const args = ['scripts/extension-build.ts', '--stage', 'prod', '--api', `${apiUrl}/`]
  const { stdout } = await run(process.execPath, args, {
    cwd: copy,
    env: { PATH: process.env.PATH, TZ: 'Pacific/Kiritimati', VITE_LEAK: 'leak', NODE_ENV: 'test' },
  })
  return stdout
}

const buildDevelopment = async (): Promise<Record<string, unknown>> => {
  const outDir = join(dir, 'development')
  await buildExtension({ kind: 'development', apiUrl: 'http://127.0.0.1:3100', stage: 'local', outDir })
  return JSON.parse(await readFile(join(outDir, 'manifest.json'), 'utf8'))
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'extension-build-'))
  ;[zip, printed, development] = await Promise.all([
    buildForStore({ stage: 'prod', apiUrl }, join(dir, 'dist')),
    buildElsewhere(),
    buildDevelopment(),
  ])
  for (const [name, bytes] of Object.entries(unzipSync(await readFile(zip.file)))) {
    files.set(name, strFromU8(bytes, name.endsWith('.png')))
  }
  manifest = manifestSchema.parse(JSON.parse(files.get('manifest.json') ?? ''))
})
afterAll(() => rm(dir, { recursive: true }))

/** The files whose names end so, each with those of its lines that match. */
const matches = (ending: string, pattern: RegExp): string[] =>
  [...files]
    .filter(([name]) => name.endsWith(ending))
    .flatMap(([name, content]) => [...content.matchAll(pattern)].map(match => `${name}: ${match[0]}`))

const directives = (): Map<string, string[]> =>
  new Map(
    manifest.content_security_policy.extension_pages.split('; ').map(directive => {
      const [name = '', ...sources] = directive.split(' ')
      return [name, sources]
    }),
  )

describe('the zip for the store', () => {
  it('is the same, byte for byte, from another copy, in another time zone and environment', async () => {
    const bytes = await readFile(zip.file)
    expect(zip.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(printed).toContain(zip.sha256)
    expect(printed).toContain(`dist/live-transcription-prod-${zip.version}.zip`)
  })

  it('has the version of package.json and the permissions that the command printed', async () => {
    const { version } = JSON.parse(await readFile(join(projectDir, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ version, minimum_chrome_version: '140' })
    expect(printed).toContain(manifest.permissions.join(', '))
    expect(printed).toContain(manifest.optional_permissions.join(', '))
  })

  it('is small', () => {
    expect(zip.bytes).toBeLessThan(largestZipBytes)
  })

  it('has every file that its manifest and its pages name, and none of WXT’s own', () => {
    const named = [
      ...Object.values(manifest.icons),
      ...Object.values(manifest.action.default_icon),
      manifest.action.default_popup,
      manifest.background.service_worker,
      manifest.options_ui.page,
      manifest.side_panel.default_path,
      '_locales/en/messages.json',
      'overlay.js',
      'pcm-worklet.js',
      ...matches('.html', /(?<=(?:src|href)="\/)[^"]+/g).map(match => match.split(': ')[1]),
    ]
    expect(named.filter(name => !files.has(name ?? ''))).toEqual([])
    expect([...files.keys()].filter(name => name.includes('wxt'))).toEqual([])
  })

  it('names no place of the machine that it was built on, and no host of a developer', () => {
    const places = [projectDir, dir, homedir(), 'node_modules', 'localhost', '127.0.0.1', 'leak']
    const found = [...files].flatMap(([name, content]) =>
      places.filter(place => content.includes(place)).map(place => `${name}: ${place}`),
    )
    expect(found).toEqual([])
  })

  it('leaves the id to the store, where a development build has its key', () => {
    expect(manifest).not.toHaveProperty('key')
    expect(development.key).toBe(developmentKey)
  })
})

describe('what the extension may do', () => {
  it('is what docs/extension-permissions.md gives a reason for, no more and no less', async () => {
    const documented = await documentedPermissions()
    const asked = (when: string): string[] =>
      documented.filter(row => row.asked === when).map(row => row.permission)
    expect(asked('at install').toSorted()).toEqual(manifest.permissions.toSorted())
    expect(asked('when first needed').toSorted()).toEqual(manifest.optional_permissions.toSorted())
    expect(documented.filter(row => row.why.length < 20 || row.used === '')).toEqual([])
  })

  it.each([
    'host_permissions',
    'optional_host_permissions',
    'content_scripts',
    'web_accessible_resources',
    'sandbox',
    'update_url',
  ])('has no %s', property => {
    expect(manifest).not.toHaveProperty(property)
    expect(development).not.toHaveProperty(property)
  })

  it('leaves private windows alone', () => {
    expect(manifest.incognito).toBe('not_allowed')
  })

  it('lets the backend’s pages after Checkout alone speak to it', () => {
    expect(manifest.externally_connectable).toEqual({ matches: [`${apiUrl}/checkout/*`] })
  })
})

describe('the policy of its pages', () => {
  it('allows nothing that is not named, nothing unsafe, and code from the package alone', () => {
    const policy = directives()
    expect(policy.get('default-src')).toEqual(["'none'"])
    expect(policy.get('script-src')).toEqual(["'self'"])
    expect(policy.get('style-src')).toEqual(["'self'"])
    expect(manifest.content_security_policy.extension_pages).not.toMatch(/unsafe|\*|http:|ws:|data:|blob:/)
  })

  it('is explained, each directive, in docs/extension-permissions.md', async () => {
    const document = await permissionsDocument()
    const unexplained = [...directives().keys()].filter(name => !document.includes(`| \`${name}`))
    expect(unexplained).toEqual([])
  })

  it('connects to the backend and to AssemblyAI', () => {
    expect(directives().get('connect-src')).toEqual([
      apiUrl,
      'wss://streaming.assemblyai.com',
      'wss://streaming.eu.assemblyai.com',
    ])
  })

  it('is kept by the code: none is made at run time, fetched, or written into a page', () => {
    expect(matches('.js', /\beval\s*\(|\bFunction\b.{0,20}|\bimportScripts\b/g)).toEqual([])
    expect(matches('.js', /\b(?:import|from)\s*\(?\s*["'`]https?:[^"'`]*/g)).toEqual([])
    expect(matches('.html', /<script(?![^>]*\bsrc="\/)[^>]*>|<style|\s(?:style|on\w+)=/g)).toEqual([])
    expect(matches('.html', /(?:src|href)="(?:\w+:)?\/\/[^"]*/g)).toEqual([])
  })
})

describe('its texts', () => {
  const messagesSchema = z.record(
    z.string().regex(/^[a-z0-9_]+$/),
    z.looseObject({ message: z.string().min(1) }),
  )
  const localeDir = join(projectDir, 'extension', 'locales', 'en')
  const areas = async () => {
    const names = (await readdir(localeDir)).toSorted()
    const texts = names.map(async name => {
      const json: unknown = JSON.parse(await readFile(join(localeDir, name), 'utf8'))
      return { name, keys: Object.keys(messagesSchema.parse(json)) }
    })
    return Promise.all(texts)
  }

  it('are all in the file that Chrome reads, and no key is in two areas', async () => {
    const built = messagesSchema.parse(JSON.parse(files.get('_locales/en/messages.json') ?? ''))
    const keys = (await areas()).flatMap(area => area.keys)
    expect(Object.keys(built).toSorted()).toEqual(keys.toSorted())
  })

  it('hold every key that the manifest, the pages and the sources name', async () => {
    const keys = new Set((await areas()).flatMap(area => area.keys))
    const named = [...files].flatMap(([, content]) =>
      [...content.matchAll(/__MSG_(\w+?)__/g)].map(([, key = '']) => key),
    )
    for await (const file of glob('extension/**/*.{ts,tsx}', { cwd: projectDir })) {
      const source = await readFile(join(projectDir, file), 'utf8')
      named.push(...[...source.matchAll(/\btext\(\s*'(\w+)'/g)].map(([, key = '']) => key))
      const stems = [...source.matchAll(/\bplural\(\s*'(\w+)'/g)].map(([, stem = '']) => stem)
      named.push(...stems.flatMap(stem => [`${stem}_one`, `${stem}_other`]))
    }
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter(key => !keys.has(key))).toEqual([])
  })
})

const permissionsDocument = (): Promise<string> =>
  readFile(join(projectDir, 'docs', 'extension-permissions.md'), 'utf8')

/** The rows of the table of permissions. */
async function documentedPermissions() {
  const [, section = ''] = (await permissionsDocument()).split('\n## Permissions\n')
  const [table = ''] = section.split('\n## ')
  return table
    .split('\n')
    .filter(line => line.startsWith('| `'))
    .map(line => {
      const [, permission = '', asked = '', why = '', used = ''] = line.split('|').map(cell => cell.trim())
      return { permission: permission.replaceAll('`', ''), asked, why, used }
    })
}
