import { afterEach, describe, expect, inject, it } from 'vitest'
import { wordErrorRate } from '../../support/word-error-rate.ts'
import { launch } from './browser.ts'
import {
  accountIsExact,
  keepPlaying,
  type Listener,
  newListener,
  openSpeech,
  playSpeech,
  said,
  startCaptions,
  storedText,
  untilSaid,
} from './listener.ts'

const running = { apiUrl: inject('apiUrl'), localUrl: inject('localUrl') }

let listeners: Listener[] = []

const listen = async (): Promise<Listener> => {
  const listener = await newListener(running, inject('extensionDir'))
  listeners.push(listener)
  return listener
}

afterEach(async () => {
  await Promise.all(listeners.map(listener => listener.browser.close().catch(() => undefined)))
  listeners = []
})

describe('the transcript is whole and the account exact', () => {
  it('when the service worker dies, the page is loaded again, and its tab is closed', async () => {
    const listener = await listen()
    const page = await openSpeech(listener)
    await startCaptions(listener, page)
    await playSpeech(page, 1)
    await listener.browser.killWorker()
    await page.reload()
    await playSpeech(page, 1)
    await page.locator('live-transcription-overlay').getByText('young man').first().waitFor()
    await untilSaid(listener, 2)
    await page.close()
    const panel = await listener.browser.openPage('sidepanel.html')
    await panel.getByText('The tab was closed').first().waitFor()
    expect(wordErrorRate(said(2), await storedText(listener.browser))).toBeLessThan(0.15)
    await accountIsExact(listener)
  })

  it('when the browser is killed and started again', async () => {
    const listener = await listen()
    const page = await openSpeech(listener)
    await startCaptions(listener, page)
    await keepPlaying(page)
    const before = await untilSaid(listener, 1)
    await listener.browser.crash()
    const browser = await launch(inject('extensionDir'), { profileDir: listener.browser.profileDir })
    const again = { ...listener, browser }
    listeners.push(again)
    expect(await storedText(browser)).toContain(before)
    const panel = await browser.openPage('sidepanel.html')
    await panel.getByText('broke off').first().waitFor()
    await accountIsExact(again)
  })
})
