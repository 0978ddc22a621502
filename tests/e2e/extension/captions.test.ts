import { afterEach, describe, expect, inject, it } from 'vitest'
import { wordErrorRate } from '../../support/word-error-rate.ts'
import {
  balanceOf,
  type Listener,
  newListener,
  openSpeech,
  playSpeech,
  said,
  startCaptions,
  stopCaptions,
  storedText,
  usageOf,
} from './listener.ts'

const running = { apiUrl: inject('apiUrl'), localUrl: inject('localUrl') }

let listeners: Listener[] = []

const listen = async (): Promise<Listener> => {
  const listener = await newListener(running, inject('extensionDir'))
  listeners.push(listener)
  return listener
}

afterEach(async () => {
  await Promise.all(listeners.map(listener => listener.browser.close()))
  listeners = []
})

describe('captions', () => {
  it('show what is said on the page and in the panel, and cost as many credits as the seconds say', async () => {
    const listener = await listen()
    const page = await openSpeech(listener)
    await startCaptions(listener, page)
    await playSpeech(page, 1)
    const overlay = page.locator('live-transcription-overlay')
    await overlay.getByText('young man').first().waitFor()
    const panel = await listener.browser.openPage('sidepanel.html')
    await panel.getByRole('tab', { name: 'Transcript' }).waitFor()
    await stopCaptions(listener, page)

    expect(wordErrorRate(said(1), await storedText(listener.browser))).toBeLessThan(0.15)
    const shown = await panel.getByRole('tabpanel').innerText()
    expect(shown).toContain('leisure to consider')
    const [entry] = await usageOf(listener)
    const seconds = Number(entry?.metadata.seconds)
    expect(seconds).toBeGreaterThanOrEqual(11)
    expect(entry?.credits_used).toBe(Math.ceil(seconds / 6))
    expect((await balanceOf(listener)).credits_available).toBe(200 - Math.ceil(seconds / 6))
  })
})
