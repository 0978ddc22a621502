import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import * as z from 'zod'
import { launch } from './browser.ts'
import {
  agree,
  keepPlaying,
  type Listener,
  openSpeech,
  pauseSound,
  signUp,
  startCaptions,
  storedText,
  until,
} from './listener.ts'

const running = { apiUrl: inject('apiUrl'), localUrl: inject('localUrl') }
/** `npm run screens` sets where the pictures go; without it the screens are only checked. */
const picturesDir = process.env.SCREENS_DIR

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const violationsSchema = z.array(
  z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.object({ html: z.string() })) }),
)

let listener: Listener

/** Looks at a screen in light and in dark: a picture of each, and nothing serious in the eyes of axe. */
const look = async (page: Page, name: string): Promise<void> => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.evaluate(() => document.fonts.ready.then(() => undefined))
    if (picturesDir) {
      await mkdir(picturesDir, { recursive: true })
      const path = join(picturesDir, `${name}-${colorScheme}.png`)
      // Playwright takes the popup to be as large as the window.
      if (name.startsWith('popup')) await page.locator('body').screenshot({ path })
      else await page.screenshot({ path, fullPage: true })
    }
    await page.evaluate(axe)
    const found = violationsSchema.parse(await page.evaluate('axe.run().then(result => result.violations)'))
    const serious = found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious, `${name}, ${colorScheme}`).toEqual([])
  }
}

beforeAll(async () => {
  const browser = await launch(inject('extensionDir'))
  listener = { browser, email: 'ada@example.com', running }
})

afterAll(async () => {
  await listener?.browser.close()
})

it('shows every screen in light and dark, with nothing that keeps anybody out', async () => {
  const { browser } = listener
  const welcome = await browser.extensionPage('welcome.html')
  await look(welcome, 'welcome')
  await agree(browser)

  const page = await openSpeech(listener)
  await look(await browser.clickIcon(page), 'popup-signed-out')
  await signUp(browser, listener.email)
  await page.bringToFront()
  const popup = await browser.clickIcon(page)
  await popup.getByRole('button', { name: 'Start captions' }).waitFor()
  await look(popup, 'popup')
  await popup.close()

  await startCaptions(listener, page)
  await keepPlaying(page)
  await page.locator('live-transcription-overlay').getByText('leisure').first().waitFor()
  await look(page, 'overlay')
  const captioning = await browser.clickIcon(page)
  await look(captioning, 'popup-captions')
  await captioning.close()

  const panel = await browser.openPage('sidepanel.html')
  await panel.setViewportSize({ width: 400, height: 700 })
  await until(
    () => storedText(browser),
    text => text.includes('young man'),
  )
  await look(panel, 'panel-transcript')
  await pauseSound(page)
  await panel.getByRole('tab', { name: 'Catch up' }).click()
  await panel
    .getByRole('button', { name: /^Catch me up/ })
    .first()
    .click()
  await panel.getByRole('link', { name: /^0:/ }).first().waitFor()
  await look(panel, 'panel-catch-up')
  await panel.getByRole('tab', { name: 'Ask' }).click()
  await panel.getByRole('textbox', { name: /question/i }).fill('What had he leisure to consider?')
  await panel.getByRole('button', { name: /^Ask/ }).click()
  await panel.getByRole('tabpanel').getByRole('link', { name: /^0:/ }).first().waitFor()
  await look(panel, 'panel-ask')
  await panel.getByRole('tab', { name: 'Export' }).click()
  await look(panel, 'panel-export')

  const credits = await browser.openPage('credits.html')
  await credits.getByRole('button', { name: /Buy Starter/ }).waitFor()
  await credits.getByText('Questions').first().waitFor()
  await look(credits, 'credits')
  await look(await browser.openPage('options.html'), 'options')
})
