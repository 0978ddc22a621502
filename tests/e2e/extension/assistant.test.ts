import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  balanceOf,
  type Listener,
  newListener,
  openSpeech,
  playSpeech,
  startCaptions,
  stopCaptions,
  storedText,
  until,
} from './listener.ts'

const running = { apiUrl: inject('apiUrl'), localUrl: inject('localUrl') }

let listener: Listener
let panel: Page

beforeAll(async () => {
  listener = await newListener(running, inject('extensionDir'))
  const page = await openSpeech(listener)
  await startCaptions(listener, page)
  await playSpeech(page, 1)
  await until(
    () => storedText(listener.browser),
    text => text.includes('young man'),
  )
  await stopCaptions(listener, page)
  panel = await listener.browser.openPage('sidepanel.html')
})

afterAll(async () => {
  await listener?.browser.close()
})

/** As a service without Twitch tells its prices. */
const forgetChannels = async (): Promise<void> => {
  await panel.evaluate(async () => {
    const { prices } = await chrome.storage.session.get<{ prices: { value: object } }>('prices')
    if (!prices) throw new Error('No prices are stored.')
    const value = { ...prices.value, not_offered: ['catchup_channel'] }
    await chrome.storage.session.set({ prices: { ...prices, value } })
  })
  await panel.reload()
}

describe('with a transcript', () => {
  it('catches up on it, with points that lead to their time', async () => {
    const before = (await balanceOf(listener)).credits_available
    await panel.getByRole('tab', { name: 'Catch up' }).click()
    await panel.getByText('20 credits').first().waitFor()
    await panel
      .getByRole('button', { name: /^Catch me up/ })
      .first()
      .click()
    const point = panel.getByRole('link', { name: /^0:/ }).first()
    await point.waitFor({ timeout: 90_000 })
    expect((await balanceOf(listener)).credits_available).toBe(before - 20)
    await point.click()
    expect(await panel.getByRole('tab', { name: 'Transcript' }).getAttribute('aria-selected')).toBe('true')
  })

  it('answers a question with citations', async () => {
    const before = (await balanceOf(listener)).credits_available
    await panel.getByRole('tab', { name: 'Ask' }).click()
    await panel.getByRole('textbox', { name: /question/i }).fill('What sort of young man was he?')
    await panel.getByRole('button', { name: /^Ask/ }).click()
    await panel.getByRole('tabpanel').getByRole('link', { name: /^0:/ }).first().waitFor({ timeout: 90_000 })
    expect((await balanceOf(listener)).credits_available).toBe(before - 5)
  })

  it('exports it as files that others can read', async () => {
    await panel.getByRole('tab', { name: 'Export' }).click()
    await panel.getByLabel('Format').selectOption('vtt')
    const [download] = await Promise.all([
      panel.waitForEvent('download'),
      panel.getByRole('button', { name: 'Save' }).click(),
    ])
    const contents = await readFile(await download.path(), 'utf8')
    expect(contents).toMatch(/^WEBVTT/)
  })

  it('offers no catch-up from a channel where the service has none', async () => {
    const stream = panel.getByText('A Twitch stream')
    await panel.getByRole('tab', { name: 'Catch up' }).click()
    await stream.waitFor()
    await forgetChannels()
    await panel.getByRole('tab', { name: 'Catch up' }).click()
    await panel.getByText('20 credits').first().waitFor()
    expect(await stream.count()).toBe(0)
    expect(await panel.getByRole('button', { name: /^Catch me up/ }).count()).toBe(1)
  })
})
