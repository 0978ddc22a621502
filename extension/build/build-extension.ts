import { readdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'wxt'
import { manifestOf } from './manifest.ts'
import type { ExtensionBuild } from './options.ts'

const extensionDir = fileURLToPath(new URL('..', import.meta.url))

/** Builds the unpacked extension into `outDir`. The same sources and options give the same bytes. */
export async function buildExtension(options: ExtensionBuild): Promise<void> {
  await rm(options.outDir, { recursive: true, force: true })
  await build({
    root: extensionDir,
    configFile: false,
    manifestVersion: 3,
    browser: 'chrome',
    mode: 'production',
    imports: false,
    outDir: dirname(options.outDir),
    outDirTemplate: basename(options.outDir),
    manifest: manifestOf(options),
    hooks: {
      'build:publicAssets': async (_, files) => {
        files.push({ relativeDest: '_locales/en/messages.json', contents: await messages('en') })
      },
    },
    vite: () => ({
      define: {
        __API_URL__: JSON.stringify(options.apiUrl),
        __DEVELOPMENT__: JSON.stringify(options.kind === 'development'),
      },
    }),
  })
}

/** All messages of a language in the one file that Chrome reads: each screen has a file of its own in `locales`. */
async function messages(language: string): Promise<string> {
  const dir = join(extensionDir, 'locales', language)
  const files = (await readdir(dir)).toSorted()
  const parts = await Promise.all(
    files.map(async file => JSON.parse(await readFile(join(dir, file), 'utf8'))),
  )
  return JSON.stringify(Object.assign({}, ...parts))
}
