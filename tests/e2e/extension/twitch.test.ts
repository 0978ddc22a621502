import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { balanceOf, type Listener, newListener } from './listener.ts'

let listener: Listener

beforeAll(async () => {
  const running = { apiUrl: inject('apiUrl'), localUrl: inject('localUrl') }
  listener = await newListener(running, inject('extensionDir'))
})

afterAll(async () => {
  await listener?.browser.close()
})

describe('on a page of Twitch’s', () => {
  it('catches up from the stream itself, in the side panel, with its cost and its stages', async () => {
    const { browser } = listener
    await browser.context.route('https://www.twitch.tv/**', route =>
      route.fulfill({ contentType: 'text/html', body: '<title>Speaks - Twitch</title><h1>A stream</h1>' }),
    )
    const page = await browser.context.newPage()
    await page.goto('https://www.twitch.tv/speaks')
    const popup = await browser.clickIcon(page)
    await popup.getByRole('button', { name: 'Catch me up' }).click()
    const panel = await browser.extensionPage('sidepanel.html')
    await panel.getByRole('tab', { name: 'Catch up', selected: true }).waitFor()
    expect(await panel.getByRole('textbox', { name: 'Channel' }).inputValue()).toBe('speaks')

    await panel.getByRole('radio', { name: 'Other' }).check({ force: true })
    await panel.getByRole('spinbutton').fill('5')
    await panel
      .getByText(/50 credits/)
      .first()
      .waitFor()
    const form = panel.locator('form').filter({ has: panel.getByRole('textbox', { name: 'Channel' }) })
    await form.getByRole('button', { name: 'Catch me up' }).click()
    await panel
      .getByText(/fetching the sound|writing down what is said/)
      .first()
      .waitFor()
    const point = panel.getByRole('link', { name: /^\d+:\d\d/ }).first()
    await point.waitFor({ timeout: 150_000 })
    expect(await point.getAttribute('href')).toMatch(/^https:\/\/www\.twitch\.tv\/videos\/\d+\?t=\d+/)
    expect((await balanceOf(listener)).credits_available).toBe(150)
  })
})
