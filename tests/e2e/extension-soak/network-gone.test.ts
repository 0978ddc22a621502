import { afterEach, expect, inject, it } from 'vitest'
import { wordErrorRate } from '../../support/word-error-rate.ts'
import {
  accountIsExact,
  type Listener,
  newListener,
  openSpeech,
  playSpeech,
  said,
  startCaptions,
  stopCaptions,
  storedText,
  untilSaid,
} from '../extension/listener.ts'

const cutSeconds = 40
const speechSeconds = 11.7

let listener: Listener | undefined

afterEach(() => listener?.browser.close())

it('the transcript is whole and the account exact when the network is gone for a while', async () => {
  const times = Math.ceil((2 * speechSeconds + cutSeconds) / speechSeconds)
  listener = await newListener(
    { apiUrl: inject('apiUrl'), localUrl: inject('localUrl') },
    inject('extensionDir'),
  )
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
