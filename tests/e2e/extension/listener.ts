import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import * as z from 'zod'
import { usageResponseSchema } from '../../../src/contracts/analytics.ts'
import { sessionResponseSchema } from '../../../src/contracts/auth.ts'
import { balanceResponseSchema } from '../../../src/contracts/credits.ts'
import { AUSTEN_0870, AUSTEN_0880 } from '../../support/speech.ts'
import { wordErrorRate } from '../../support/word-error-rate.ts'
import type { Running } from '../support.ts'
import { type ExtensionBrowser, type LaunchOptions, launch } from './browser.ts'

export const password = 'correct horse battery'

/** Where `npm start` answers. */
export type Product = Pick<Running, 'apiUrl' | 'localUrl'>

/** Somebody with a browser, an account and the extension. */
export interface Listener {
  readonly browser: ExtensionBrowser
  readonly email: string
  readonly running: Product
}

/** Installs the extension, agrees to what it says of sound, and opens an account: all by hand, as a newcomer does. */
export async function newListener(
  running: Product,
  extensionDir: string,
  options: LaunchOptions = {},
): Promise<Listener> {
  const browser = await launch(extensionDir, options)
  const email = `listener-${randomUUID()}@example.com`
  await agree(browser)
  await signUp(browser, email)
  return { browser, email, running }
}

/** The page that opens by itself when the extension is installed. */
export async function agree(browser: ExtensionBrowser): Promise<void> {
  const welcome = await browser.extensionPage('welcome.html')
  await welcome.getByRole('button', { name: 'Agree and continue' }).click()
  await welcome.getByText('Thank you').first().waitFor()
  await welcome.close()
}

export async function signUp(browser: ExtensionBrowser, email: string): Promise<void> {
  const popup = await browser.openPage('popup.html')
  await popup.getByLabel('E-mail').fill(email)
  await popup.getByLabel('Password', { exact: true }).fill(password)
  await popup.getByRole('button', { name: 'Create account' }).click()
  await popup.getByRole('button', { name: 'Sign out' }).waitFor()
  await popup.close()
}

/** Opens the page that plays speech; it plays when told to. */
export async function openSpeech({ browser, running }: Listener): Promise<Page> {
  const page = await browser.context.newPage()
  await page.goto(`${running.localUrl}/listen`)
  return page
}

/** Clicks the icon over a page and starts captions of it. */
export async function startCaptions({ browser }: Listener, page: Page): Promise<void> {
  const popup = await browser.clickIcon(page)
  await popup.getByRole('button', { name: 'Start captions' }).click()
  await popup.getByRole('button', { name: 'Stop captions' }).waitFor()
  await popup.close()
}

export async function stopCaptions({ browser }: Listener, page: Page): Promise<void> {
  const popup = await browser.clickIcon(page)
  await popup.getByRole('button', { name: 'Stop captions' }).click()
  await popup.getByRole('button', { name: 'Start captions' }).waitFor()
  await popup.close()
}

/** Plays the speech a number of times, and waits until it has been said. */
export const playSpeech = (page: Page, times: number): Promise<void> =>
  page.evaluate(
    count =>
      new Promise<void>((resolve, reject) => {
        const audio = document.querySelector('audio')
        if (!audio) return reject(new Error('The page has no sound.'))
        let played = 0
        audio.loop = false
        audio.currentTime = 0
        audio.onended = () => {
          played += 1
          if (played === count) return resolve()
          void audio.play()
        }
        audio.play().catch(reject)
      }),
    times,
  )

/** Plays on and on, from the start. */
export const keepPlaying = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const audio = document.querySelector('audio')
    if (!audio) throw new Error('The page has no sound.')
    audio.loop = true
    audio.currentTime = 0
    await audio.play()
  })

export const pauseSound = (page: Page): Promise<void> =>
  page.evaluate(() => document.querySelector('audio')?.pause())

const segmentSchema = z.object({ kind: z.string(), text: z.string(), index: z.int(), sessionId: z.string() })

/** All that is stored of what was said, in order, read from the disk of the browser. */
export async function storedSegments(browser: ExtensionBrowser): Promise<z.infer<typeof segmentSchema>[]> {
  const page = await browser.openPage('welcome.html')
  try {
    const found = await page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const opening = indexedDB.open('transcripts')
          opening.onerror = () => reject(opening.error)
          opening.onsuccess = () => {
            const all = opening.result.transaction('segments').objectStore('segments').getAll()
            all.onsuccess = () => {
              opening.result.close()
              resolve(all.result)
            }
            all.onerror = () => reject(all.error)
          }
        }),
    )
    return z.array(segmentSchema).parse(found)
  } finally {
    await page.close()
  }
}

/** The words of all that is stored. */
export const storedText = async (browser: ExtensionBrowser): Promise<string> =>
  (await storedSegments(browser)).map(segment => segment.text).join(' ')

/** What is said when the speech is played that many times. */
export const said = (times: number): string => `${AUSTEN_0870} ${AUSTEN_0880} `.repeat(times)

/** Waits until all of it is stored, word for word but for what the recogniser mishears, and gives the text. */
export const untilSaid = (listener: Listener, times: number): Promise<string> =>
  until(
    () => storedText(listener.browser),
    text => wordErrorRate(said(times), text) < 0.15,
    60_000,
  )

const accessTokenOf = async ({ email, running }: Listener): Promise<string> => {
  const login = await fetch(`${running.apiUrl}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  return sessionResponseSchema.parse(await login.json()).access_token
}

/** Asks the backend itself, past the extension. */
export async function askBackend<Schema extends z.ZodType>(
  listener: Listener,
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const authorization = `Bearer ${await accessTokenOf(listener)}`
  const answer = await fetch(listener.running.apiUrl + path, { headers: { authorization } })
  return schema.parse(await answer.json())
}

/** Asks questions, at 5 credits each, until that many are left. */
export async function spendDownTo(listener: Listener, credits: number): Promise<void> {
  const authorization = `Bearer ${await accessTokenOf(listener)}`
  const segments = [{ start_ms: 0, end_ms: 3_000, text: 'He was not an ill-disposed young man.' }]
  const ask = async (): Promise<void> => {
    const answer = await fetch(`${listener.running.apiUrl}/transcription/ask`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ question: 'Who was he?', segments }),
    })
    if (!answer.ok) throw new Error(await answer.text())
  }
  const { credits_available } = await balanceOf(listener)
  for (let left = (credits_available - credits) / 5; left > 0; left -= 6) {
    await Promise.all(Array.from({ length: Math.min(6, left) }, ask))
  }
}

export const balanceOf = (listener: Listener) =>
  askBackend(listener, '/credits/balance', balanceResponseSchema)

export const usageOf = async (listener: Listener) =>
  (await askBackend(listener, '/analytics/usage', usageResponseSchema)).usage

/** Looks again and again until it is good. */
export async function until<Value>(
  read: () => Promise<Value>,
  good: (value: Value) => boolean,
  timeoutMs = 60_000,
): Promise<Value> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await read()
    if (good(value)) return value
    if (Date.now() > deadline) throw new Error(`Still ${JSON.stringify(value)}.`)
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

/** Every operation has ended and was charged by its seconds: nothing is held, nothing is missing. */
export const accountIsExact = async (listener: Listener): Promise<void> => {
  const balance = await until(
    () => balanceOf(listener),
    ({ credits_held }) => credits_held === 0,
    30_000,
  )
  const usage = await usageOf(listener)
  for (const entry of usage) expect(entry.credits_used).toBe(Math.ceil(Number(entry.metadata.seconds) / 6))
  const used = usage.reduce((sum, entry) => sum + entry.credits_used, 0)
  expect(balance.credits_available).toBe(200 - used)
}
