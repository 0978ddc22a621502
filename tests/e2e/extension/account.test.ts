import { afterEach, describe, expect, inject, it } from 'vitest'
import { balanceOf, keepPlaying, type Listener, newListener, openSpeech, startCaptions } from './listener.ts'

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

describe('one account', () => {
  it('captions one tab at a time, and moves to another when it is asked to', async () => {
    const listener = await listen()
    const first = await openSpeech(listener)
    await keepPlaying(first)
    await startCaptions(listener, first)
    const second = await listener.browser.context.newPage()
    await second.goto(`${running.localUrl}/listen?second`)
    await keepPlaying(second)
    const popup = await listener.browser.clickIcon(second)
    await popup.getByRole('button', { name: 'Start captions' }).click()
    await popup.getByRole('button', { name: 'Move captions here' }).click()
    await popup.getByRole('button', { name: 'Stop captions' }).waitFor()
    await popup.close()
    await second.locator('live-transcription-overlay').getByText('leisure').first().waitFor()
    expect(await first.locator('live-transcription-overlay').getByText('leisure').count()).toBe(0)
    expect((await balanceOf(listener)).credits_held).toBeLessThanOrEqual(10)
  })

  it('buys credits on the Checkout page and sees the balance move', async () => {
    const listener = await listen()
    const credits = await listener.browser.openPage('credits.html')
    await credits.getByText('200 credits').first().waitFor()
    const opened = listener.browser.context.waitForEvent('page')
    await credits.getByRole('button', { name: /Buy Starter/ }).click()
    const checkout = await opened
    await checkout.getByRole('button', { name: /^Pay \$/ }).click()
    await checkout.waitForURL(/checkout\/success/)
    await checkout.close()
    await credits.getByText('700 credits').first().waitFor({ timeout: 90_000 })
    expect((await balanceOf(listener)).credits_available).toBe(700)
  })
})
