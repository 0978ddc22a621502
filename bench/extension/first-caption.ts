import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import {
  keepPlaying,
  type Listener,
  openSpeech,
  startCaptions,
  until,
} from '../../tests/e2e/extension/listener.ts'

const timeoutMs = 30_000
const betweenRoundsMs = 2_000

interface FirstCaption {
  readonly atMs: number
  /** Where the sound was by then. */
  readonly soundMs: number
}

/** From the click on "Start captions", while somebody speaks, to the first words on the page, in milliseconds. */
export async function fromClick(listener: Listener): Promise<number> {
  const page = await openSpeech(listener)
  const popup = await listener.browser.clickIcon(page)
  const start = popup.getByRole('button', { name: 'Start captions' })
  await start.waitFor()
  await keepPlaying(page)
  const shown = firstCaption(page)
  const clickedAtMs = Date.now()
  await start.click()
  const { atMs } = await shown
  await popup.close()
  await endRound(page)
  return atMs - clickedAtMs
}

/**
 * From the beginning of the first word, while captions wait for one, to the first words on the page, in milliseconds.
 *
 * @param firstWordMs where it begins in the sound
 */
export async function fromSpeech(listener: Listener, firstWordMs: number): Promise<number> {
  const page = await openSpeech(listener)
  const before = listener.browser.speechSessions().length
  await startCaptions(listener, page)
  await until(
    async () => listener.browser.speechSessions().length,
    sessions => sessions > before,
  )
  const shown = firstCaption(page)
  await keepPlaying(page)
  const { soundMs } = await shown
  await endRound(page)
  return soundMs - firstWordMs
}

/** Captions end with their tab. */
async function endRound(page: Page): Promise<void> {
  await page.close()
  await sleep(betweenRoundsMs)
}

/** Waits for words in the overlay. Its shadow root is open in development builds. */
const firstCaption = (page: Page): Promise<FirstCaption> =>
  page.evaluate(
    deadlineMs =>
      new Promise((resolve, reject) => {
        const look = setInterval(() => {
          const overlay = document.querySelector('live-transcription-overlay')
          const words = overlay?.shadowRoot?.querySelector('.captions p')?.textContent ?? ''
          const soundMs = (document.querySelector('audio')?.currentTime ?? 0) * 1_000
          if (words.trim() !== '') done(() => resolve({ atMs: Date.now(), soundMs }))
        }, 10)
        const giveUp = setTimeout(() => done(() => reject(new Error('No caption was shown.'))), deadlineMs)
        const done = (answer: () => void): void => {
          clearInterval(look)
          clearTimeout(giveUp)
          answer()
        }
      }),
    timeoutMs,
  )
