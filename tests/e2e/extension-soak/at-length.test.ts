import { afterEach, expect, inject, it } from 'vitest'
import { wordErrorRate } from '../../support/word-error-rate.ts'
import { launch } from '../extension/browser.ts'
import {
  accountIsExact,
  agree,
  balanceOf,
  keepPlaying,
  type Listener,
  newListener,
  openSpeech,
  password,
  pauseSound,
  playSpeech,
  said,
  spendDownTo,
  startCaptions,
  stopCaptions,
  storedSegments,
  storedText,
  until,
  untilSaid,
  usageOf,
} from '../extension/listener.ts'
import { leaseSeconds } from '../extension/product.ts'

const running = { apiUrl: inject('apiUrl'), localUrl: inject('localUrl') }

const cutSeconds = 40
const speechSeconds = 11.7

let listeners: Listener[] = []

const listen = async (): Promise<Listener> => {
  const listener = await newListener(running, inject('extensionDir'))
  listeners.push(listener)
  return listener
}

/** The same person at another computer. */
const elsewhere = async (listener: Listener): Promise<Listener> => {
  const browser = await launch(inject('extensionDir'))
  listeners.push({ ...listener, browser })
  await agree(browser)
  const popup = await browser.openPage('popup.html')
  await popup.getByRole('button', { name: 'Sign in' }).first().click()
  await popup.getByLabel('E-mail').fill(listener.email)
  await popup.getByLabel('Password', { exact: true }).fill(password)
  await popup.getByRole('button', { name: 'Sign in' }).last().click()
  await popup.getByRole('button', { name: 'Sign out' }).waitFor()
  await popup.close()
  return { ...listener, browser }
}

const closeSpeechSession = async (listener: Listener, closeCode: number): Promise<void> => {
  const id = listener.browser.speechSessions().at(-1)
  const answer = await fetch(`${running.localUrl}/assemblyai/sessions/close`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, close_code: closeCode }),
  })
  expect(answer.ok).toBe(true)
}

afterEach(async () => {
  await Promise.all(listeners.map(listener => listener.browser.close()))
  listeners = []
})

it('an account captions in one browser at a time, and moves to another when it is asked to', async () => {
  const here = await listen()
  const page = await openSpeech(here)
  await keepPlaying(page)
  await startCaptions(here, page)
  const there = await elsewhere(here)
  const other = await openSpeech(there)
  await keepPlaying(other)
  const popup = await there.browser.clickIcon(other)
  await popup.getByRole('button', { name: 'Start captions' }).click()
  await popup.getByRole('button', { name: 'Move captions here' }).click()
  await popup.getByRole('button', { name: 'Stop captions' }).waitFor()
  await popup.close()
  await until(
    () => storedText(there.browser),
    text => text.includes('young man'),
  )
  const panel = await here.browser.openPage('sidepanel.html')
  await panel.getByText('Captions were started somewhere else').first().waitFor({ timeout: 45_000 })
})

it('the transcript is whole and the account exact when the network is gone for a while', async () => {
  const times = Math.ceil((2 * speechSeconds + cutSeconds) / speechSeconds)
  const listener = await listen()
  const page = await openSpeech(listener)
  const panel = await listener.browser.openPage('sidepanel.html')
  await startCaptions(listener, page)
  const played = playSpeech(page, times)
  await untilSaid(listener, 1)
  await listener.browser.context.setOffline(true)
  await panel
    .getByText(/reconnecting/i)
    .first()
    .waitFor()
  await new Promise(resolve => setTimeout(resolve, cutSeconds * 1_000))
  await listener.browser.context.setOffline(false)
  await played
  await untilSaid(listener, times)
  await stopCaptions(listener, page)
  expect(wordErrorRate(said(times), await storedText(listener.browser))).toBeLessThan(0.15)
  await accountIsExact(listener)
})

it('captions go on from lease to lease, with each word once', async () => {
  const listener = await listen()
  const page = await openSpeech(listener)
  await startCaptions(listener, page)
  const times = Math.ceil((leaseSeconds * 2 + 10) / 11.7)
  await playSpeech(page, times)
  await untilSaid(listener, times)
  await pauseSound(page)
  await stopCaptions(listener, page)
  expect(wordErrorRate(said(times), await storedText(listener.browser))).toBeLessThan(0.15)
  const [entry, ...others] = await usageOf(listener)
  expect(others).toEqual([])
  expect(entry?.metadata.leases).toBeGreaterThanOrEqual(3)
})

it('captions end at the last credit, in mid-sentence', async () => {
  const listener = await listen()
  await spendDownTo(listener, 5)
  const page = await openSpeech(listener)
  const panel = await listener.browser.openPage('sidepanel.html')
  await startCaptions(listener, page)
  await keepPlaying(page)
  await panel.getByText('The credits are used up').first().waitFor({ timeout: 60_000 })
  await pauseSound(page)
  const segments = await storedSegments(listener.browser)
  const text = segments.map(segment => segment.text).join(' ')
  expect(text.match(/young man/g)?.length).toBeGreaterThanOrEqual(2)
  expect((await balanceOf(listener)).credits_available).toBe(0)
  const [live] = await usageOf(listener)
  expect(live).toMatchObject({ service_type: 'live_transcription', credits_used: 5 })
})

it('the transcript is whole and the account exact when the speech service fails, and when it ends a session early', async () => {
  const listener = await listen()
  const page = await openSpeech(listener)
  await startCaptions(listener, page)
  const played = playSpeech(page, 3)
  await untilSaid(listener, 1)
  await closeSpeechSession(listener, 3005)
  await untilSaid(listener, 2)
  await closeSpeechSession(listener, 3008)
  await played
  await untilSaid(listener, 3)
  await stopCaptions(listener, page)
  expect(wordErrorRate(said(3), await storedText(listener.browser))).toBeLessThan(0.15)
  await accountIsExact(listener)
})
