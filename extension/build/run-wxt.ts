// The process in which WXT builds: `buildExtension` starts it with the options as JSON.
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Entrypoint, type UserManifest } from 'wxt'
import { manifestOf, minimumChromeVersion } from './manifest.ts'
import type { ExtensionBuild } from './options.ts'
import { slimZod } from './slim-zod.ts'
import { withoutPluginLoader } from './without-plugin-loader.ts'

const extensionDir = fileURLToPath(new URL('..', import.meta.url))

// What Vite leaves running after a failure would keep the process going.
run(JSON.parse(process.argv[2] ?? '')).then(
  () => process.exit(0),
  error => {
    process.stderr.write(String(error instanceof Error ? error.stack : error))
    process.exit(1)
  },
)

async function run(options: ExtensionBuild): Promise<void> {
  await build({
    root: extensionDir,
    configFile: false,
    manifestVersion: 3,
    browser: 'chrome',
    mode: 'production',
    imports: false,
    outDir: dirname(options.outDir),
    outDirTemplate: basename(options.outDir),
    manifest: manifestOf(options, await packageVersion()),
    hooks: {
      'entrypoints:resolved': (_, entrypoints) => shareChunks(entrypoints),
      'build:manifestGenerated': (_, manifest) => finish(manifest),
      'build:publicAssets': async (_, files) => {
        files.push({ relativeDest: '_locales/en/messages.json', contents: await messages('en') })
      },
    },
    vite: () => ({
      build: {
        target: `chrome${minimumChromeVersion}`,
        // The policy refuses data: addresses.
        assetsInlineLimit: 0,
        // Every Chrome that can run this loads modules ahead by itself.
        modulePreload: { polyfill: false },
      },
      plugins: [slimZod(), withoutPluginLoader()],
      define: {
        __API_URL__: JSON.stringify(options.apiUrl),
        __DEVELOPMENT__: JSON.stringify(options.kind === 'development'),
      },
    }),
  })
}

/** The service worker as a module, which shares its chunks with the pages: a classic one has a copy of all it uses. */
function shareChunks(entrypoints: Entrypoint[]): void {
  for (const entrypoint of entrypoints) {
    if (entrypoint.type === 'background') entrypoint.options.type = 'module'
  }
}

/** What WXT takes from the pages of the entry points, or doesn't know of. */
function finish(manifest: UserManifest): void {
  manifest.action = {
    ...manifest.action,
    default_title: '__MSG_extension_short_name__',
    ...(manifest.icons ? { default_icon: manifest.icons } : {}),
  }
  manifest.options_ui = { page: 'options.html', open_in_tab: true }
}

async function packageVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  return version
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
