import { readFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { CDPSession } from 'playwright-core'
import * as z from 'zod'
import { buildForTests } from '../tests/e2e/extension/browser.ts'
import {
  keepPlaying,
  type Listener,
  newListener,
  openSpeech,
  startCaptions,
} from '../tests/e2e/extension/listener.ts'
import { endAll, newPlace, npmStart } from '../tests/e2e/support.ts'
import { fixturePath } from '../tests/support/speech.ts'
import { fromClick, fromSpeech } from './extension/first-caption.ts'
import { type Role, readUsages, type Usages } from './extension/processes.ts'
import { measureSizes } from './extension/sizes.ts'

const goals = { zipKilobytes: 150, firstCaptionMs: 2_500, cpuPercent: 10 }

/** How often captions are started to see how soon the first come. */
const rounds = 5
/** A new account's credits pay for twenty minutes. */
const longestMinutes = 15
/** The page without captions, to tell what they add. */
const baselineMinutes = 1
/** What starting costs is not what running costs. */
const settleMs = 10_000

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } }, strict: false })
const minutes = z.coerce.number().min(0.1).max(longestMinutes).parse(values.minutes)

const firstWordMs = z
  .object({ 'austen-0870.wav': z.tuple([z.tuple([z.string(), z.number(), z.number()])]).rest(z.unknown()) })
  .parse(JSON.parse(await readFile(fixturePath('austen-word-times.json'), 'utf8')))['austen-0870.wav'][0][1]

const kilobytes = (bytes: number): number => Number((bytes / 1_000).toFixed(1))
const met = (value: number, goal: number): string => `${value < goal ? 'under' : 'NOT under'} ${goal}`

async function printSizes(): Promise<void> {
  const { zipBytes, entries } = await measureSizes()
  console.log(
    `The zip for the store: ${kilobytes(zipBytes)} kB (${met(kilobytes(zipBytes), goals.zipKilobytes)} kB).`,
  )
  console.log('What each part loads; what several load is counted for each:')
  console.table(entries.map(({ entry, gzipBytes }) => ({ part: entry, 'kB gzip': kilobytes(gzipBytes) })))
}

const inTurn = async (times: number, measure: () => Promise<number>): Promise<number[]> => {
  const measured: number[] = []
  for (let round = 0; round < times; round++) measured.push(Math.round(await measure()))
  return measured.sort((one, other) => one - other)
}

async function printFirstCaptions(listener: Listener): Promise<void> {
  const row = (from: string, sorted: readonly number[]) => ({
    from,
    times: sorted.length,
    'best ms': sorted[0],
    'median ms': sorted[Math.floor(sorted.length / 2)],
    'worst ms': sorted.at(-1),
    [`under ${goals.firstCaptionMs} ms`]: sorted.filter(ms => ms < goals.firstCaptionMs).length,
  })
  const rows = [
    row('the click, while somebody speaks', await inTurn(rounds, () => fromClick(listener))),
    row('the first word, while captions wait', await inTurn(rounds, () => fromSpeech(listener, firstWordMs))),
  ]
  console.log('To the first words in the overlay, the recogniser on this machine included:')
  console.table(rows)
}

interface Stretch {
  readonly seconds: number
  readonly before: Usages
  readonly after: Usages
}

const observe = async (browser: CDPSession, milliseconds: number): Promise<Stretch> => {
  const startedAtMs = Date.now()
  const before = await readUsages(browser)
  await sleep(milliseconds)
  const after = await readUsages(browser)
  return { seconds: (Date.now() - startedAtMs) / 1_000, before, after }
}

const percentOf = ({ seconds, before, after }: Stretch, role: Role): number =>
  ((after[role].cpuSeconds - before[role].cpuSeconds) / seconds) * 100

async function printProcesses(listener: Listener): Promise<void> {
  const browser = await listener.browser.context.browser()?.newBrowserCDPSession()
  if (!browser) throw new Error('The browser has gone.')
  const page = await openSpeech(listener)
  await keepPlaying(page)
  await sleep(settleMs)
  const without = await observe(browser, baselineMinutes * 60_000)
  await startCaptions(listener, page)
  await sleep(settleMs)
  const captioned = await observe(browser, minutes * 60_000)
  await page.close()
  const roles: readonly Role[] = ['extension', 'tab', 'sound', 'network', 'browser', 'others']
  console.log(
    `Chromium's processes over ${minutes} minutes of captions, in % of one core and in MB;`,
    'that Playwright looks on is included:',
  )
  console.table(
    roles.map(role => ({
      process: role,
      'without captions': Number(percentOf(without, role).toFixed(1)),
      'with captions': Number(percentOf(captioned, role).toFixed(1)),
      'MB at the start': Math.round(captioned.before[role].memoryMb),
      'MB at the end': Math.round(captioned.after[role].memoryMb),
    })),
  )
  const added = (role: Role): number => percentOf(captioned, role) - percentOf(without, role)
  const own = Number((percentOf(captioned, 'extension') + Math.max(0, added('tab'))).toFixed(1))
  const all = roles.reduce((total, role) => total + added(role), 0).toFixed(1)
  console.log(
    `The extension with its overlay: ${own} % of one core (${met(own, goals.cpuPercent)} %);`,
    `all that captions add to the browser: ${all} %.`,
  )
}

await printSizes()
const [loadBefore = 0] = loadavg()
console.log(`\n${cpus().length} cores, which had a load of ${loadBefore.toFixed(1)} before.`)
// Each round stops captions, which gives credits back within the allowance.
const running = await npmStart(await newPlace({ LIVE_ALLOWANCE_PER_HOUR: '20' }))
try {
  const listener = await newListener(running, await buildForTests(running.apiUrl))
  try {
    await printFirstCaptions(listener)
    await printProcesses(listener)
  } finally {
    await listener.browser.close()
  }
} finally {
  await running.interrupt()
  endAll()
}
