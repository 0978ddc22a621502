import { afterEach, inject, it } from 'vitest'
import { launch } from '../extension/browser.ts'
import {
  agree,
  keepPlaying,
  type Listener,
  newListener,
  openSpeech,
  password,
  startCaptions,
  storedText,
  until,
} from '../extension/listener.ts'

const running = { apiUrl: inject('apiUrl'), localUrl: inject('localUrl') }

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
