import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BrowserContext, type CDPSession, chromium, type Page, type Worker } from 'playwright-core'
import { buildExtension } from '../../../extension/build/build-extension.ts'
import { developmentId } from '../../../extension/build/development-id.ts'

/** With it the popup, the side panel and the offscreen document show up as pages. Playwright reads it at launch. */
process.env.PW_CHROMIUM_ATTACH_TO_OTHER = '1'

export const extensionUrl = `chrome-extension://${developmentId}`

/** A click that comes while the last popup still closes opens none. */
const mostClicks = 4
const clickTakesMs = 4_000

interface Manifest {
  permissions: string[]
  optional_permissions?: string[]
}

/**
 * The development build for a backend, with `tabCapture` granted from the start: the prompt for an optional permission
 * can't be clicked without a screen. Nothing else differs from what `npm start` builds.
 */
export async function buildForTests(apiUrl: string): Promise<string> {
  const dir = join(await mkdtemp(join(tmpdir(), 'live-transcription-extension-')), 'extension')
  await buildExtension({ kind: 'development', apiUrl, stage: 'test', outDir: dir })
  const file = join(dir, 'manifest.json')
  const manifest: Manifest = JSON.parse(await readFile(file, 'utf8'))
  manifest.permissions.push(...(manifest.optional_permissions ?? []))
  delete manifest.optional_permissions
  await writeFile(file, JSON.stringify(manifest))
  return dir
}

/** A real Chromium with the extension and a profile of its own. */
export interface ExtensionBrowser {
  readonly context: BrowserContext
  readonly profileDir: string
  /** The service worker that runs now; it may have been ended and begun since the last look. */
  worker(): Promise<Worker>
  /** Opens a page of the extension as a tab of its own. */
  openPage(path: string): Promise<Page>
  /** Clicks the extension's icon over a page, which opens the popup and grants its tab. */
  clickIcon(page: Page): Promise<Page>
  /** The page of the extension that is open at a path, whenever it is there. */
  extensionPage(path: string): Promise<Page>
  /** The ids of the speech sessions that it has opened, newest last. */
  speechSessions(): readonly string[]
  /** Ends the service worker, as Chromium does when it idles. */
  killWorker(): Promise<void>
  /** Ends the whole browser without a word, as a power cut does. */
  crash(): Promise<void>
  close(): Promise<void>
}

export interface LaunchOptions {
  readonly profileDir?: string
  readonly colorScheme?: 'light' | 'dark'
  readonly viewport?: { readonly width: number; readonly height: number }
}

/** @param extensionDir as `buildForTests` made it; copied, so that two browsers never share one */
export async function launch(extensionDir: string, options: LaunchOptions = {}): Promise<ExtensionBrowser> {
  const profileDir = options.profileDir ?? (await mkdtemp(join(tmpdir(), 'live-transcription-profile-')))
  const dir = `${profileDir}-extension`
  await cp(extensionDir, dir, { recursive: true, force: true })
  const context = await chromium.launchPersistentContext(profileDir, {
    headless: true,
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    colorScheme: options.colorScheme ?? 'light',
    viewport: options.viewport ?? { width: 1_100, height: 700 },
    // With --mute-audio each captured sample is zero.
    ignoreDefaultArgs: ['--mute-audio'],
    args: [
      `--disable-extensions-except=${dir}`,
      `--load-extension=${dir}`,
      '--autoplay-policy=no-user-gesture-required',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  const browser = context.browser()
  if (!browser) throw new Error('Chromium has no browser to speak of.')
  const cdp = await browser.newBrowserCDPSession()

  const worker = async (): Promise<Worker> =>
    context.serviceWorkers()[0] ?? context.waitForEvent('serviceworker', { timeout: 60_000 })

  const openPages = (path: string): Page[] =>
    context.pages().filter(page => page.url().startsWith(`${extensionUrl}/${path}`))

  const nextPage = (path: string, timeout: number): Promise<Page> =>
    context.waitForEvent('page', {
      predicate: page => page.url().startsWith(`${extensionUrl}/${path}`),
      timeout,
    })

  const extensionPage = async (path: string): Promise<Page> => openPages(path)[0] ?? nextPage(path, 60_000)

  /** A page that was told to close is there for a moment yet. */
  const untilClosed = async (path: string): Promise<void> => {
    for (const page of openPages(path)) {
      await page.waitForEvent('close', { timeout: clickTakesMs }).catch(() => page.close())
    }
  }

  const sessions: string[] = []
  context.on('page', page => {
    page.on('websocket', socket =>
      socket.on('framereceived', ({ payload }) => {
        const begun = /"type":"Begin","id":"([^"]+)"/.exec(payload.toString())?.[1]
        if (begun !== undefined) sessions.push(begun)
      }),
    )
  })

  await worker()
  return {
    context,
    profileDir,
    worker,
    extensionPage,
    speechSessions: () => sessions,
    openPage: async path => {
      const page = await context.newPage()
      await page.goto(`${extensionUrl}/${path}`)
      return page
    },
    clickIcon: async page => {
      await page.bringToFront()
      await untilClosed('popup.html')
      for (let clicks = 1; ; clicks += 1) {
        const opened = nextPage('popup.html', clickTakesMs)
        await triggerAction(cdp, page)
        const popup = await opened.catch(() => undefined)
        if (popup) return popup
        if (clicks === mostClicks) throw new Error('The icon opens no popup.')
      }
    },
    killWorker: async () => {
      const page = context.pages().find(open => open.url().startsWith('http')) ?? (await context.newPage())
      const session = await context.newCDPSession(page)
      await session.send('ServiceWorker.enable')
      await session.send('ServiceWorker.stopAllWorkers')
      await session.detach()
    },
    crash: () => crash(profileDir),
    close: () => context.close(),
  }
}

/** Kills every process of the browser that has this profile. */
async function crash(profileDir: string): Promise<void> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid,args'])
  const lines = stdout.split('\n').filter(line => line.includes(`--user-data-dir=${profileDir}`))
  for (const line of lines) process.kill(Number.parseInt(line, 10), 'SIGKILL')
}

/** A real click on the icon: `Extensions.triggerAction` is not in Playwright's types. */
async function triggerAction(cdp: CDPSession, page: Page): Promise<void> {
  const { targetInfos } = await cdp.send('Target.getTargets', {
    filter: [{ type: 'tab' }, { exclude: true }],
  })
  const tab = targetInfos.find(target => target.url === page.url())
  if (!tab) throw new Error(`No tab is at ${page.url()}.`)
  const click = cdp.send as unknown as (method: string, params: object) => Promise<unknown>
  await click.call(cdp, 'Extensions.triggerAction', { id: developmentId, targetId: tab.targetId })
}
