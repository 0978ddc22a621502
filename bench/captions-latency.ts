import { readFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import Fastify from 'fastify'
import * as z from 'zod'
import { findFreePort } from '../local/ports.ts'
import { decodeAudio, SAMPLE_RATE_HZ } from '../local/recogniser/decode.ts'
import { createRecogniser, type Recogniser } from '../local/recogniser/recogniser.ts'
import { assemblyAiStandIn } from '../local/stand-ins/assemblyai/plugin.ts'
import { fixturePath } from '../tests/support/speech.ts'
import { fetchToken, openStream, type Received, streamUrl } from '../tests/support/streaming.ts'
import { plainWords, wordErrorRate } from '../tests/support/word-error-rate.ts'
import { joined } from '../tests/unit/local/recogniser/sounds.ts'

/** How long after the end of a word it may take until it is shown. */
const goalMs = 1_500

/** How often the two recordings are played, one after the other. */
const rounds = 3
const pauseSeconds = 1.5

/** The batch job's clip: this many times the longer recording. */
const clipRounds = 6

const fixtureNames = ['austen-0870.wav', 'austen-0880.wav'] as const
const Words = z.array(z.tuple([z.string(), z.number(), z.number()]))
const times = z
  .object({ 'austen-0870.wav': Words, 'austen-0880.wav': Words })
  .parse(JSON.parse(await readFile(fixturePath('austen-word-times.json'), 'utf8')))

type SpokenWord = { text: string; endMs: number }

/** What is played, and when each of its words has been spoken. */
const script = async (): Promise<{ samples: Float32Array; words: SpokenWord[] }> => {
  const parts: Float32Array[] = []
  const words: SpokenWord[] = []
  let lengthMs = 0
  const add = (part: Float32Array): void => {
    parts.push(part)
    lengthMs += (part.length / SAMPLE_RATE_HZ) * 1_000
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of fixtureNames) {
      const startMs = lengthMs
      words.push(...times[name].map(([text, , endMs]) => ({ text, endMs: startMs + endMs })))
      add(await decodeAudio(fixturePath(name)))
      add(new Float32Array(pauseSeconds * SAMPLE_RATE_HZ))
    }
  }
  return { samples: joined(...parts), words }
}

/** A word of the final text: when it was first shown in its place, and since when it has stayed there. */
type ShownWord = { text: string; firstMs: number; stayedMs: number }

const shownWords = (received: readonly Received[]): ShownWord[] => {
  const looks = new Map<number, { atMs: number; words: string[] }[]>()
  for (const { atMs, message } of received) {
    if (message.type !== 'Turn') continue
    const words = plainWords(message.words.map(word => word.text).join(' '))
    looks.set(message.turn_order, [...(looks.get(message.turn_order) ?? []), { atMs, words }])
  }
  return [...looks.values()].flatMap(turn =>
    (turn.at(-1)?.words ?? []).map((text, index) => {
      const isShown = turn.map(look => look.words[index] === text)
      const stayedFrom = isShown.lastIndexOf(false) + 1
      return {
        text,
        firstMs: turn[isShown.indexOf(true)]?.atMs ?? Number.NaN,
        stayedMs: turn[stayedFrom]?.atMs ?? Number.NaN,
      }
    }),
  )
}

/** Pairs of a spoken word and the same word shown: a longest common subsequence. */
const pairUp = (spoken: readonly SpokenWord[], shown: readonly ShownWord[]): [SpokenWord, ShownWord][] => {
  const longest: [SpokenWord, ShownWord][][][] = []
  const at = (i: number, j: number): [SpokenWord, ShownWord][] => longest[i]?.[j] ?? []
  spoken.forEach((word, i) => {
    longest[i + 1] = []
    shown.forEach((candidate, j) => {
      const skipping = at(i, j + 1).length > at(i + 1, j).length ? at(i, j + 1) : at(i + 1, j)
      const row = longest[i + 1] ?? []
      row[j + 1] = word.text === candidate.text ? [...at(i, j), [word, candidate]] : skipping
    })
  })
  return at(spoken.length, shown.length)
}

const quantile = (sorted: readonly number[], share: number): number =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)

type Row = { first: number[]; stayed: number[]; words: number; errorRate: number }

const playOnce = async (origin: string): Promise<Row> => {
  const { samples, words } = await script()
  const stream = await openStream(
    streamUrl(origin, { token: await fetchToken(origin), format_turns: 'true' }),
  )
  const startMs = await stream.play(samples)
  await stream.terminate()
  const shown = shownWords(stream.received)
  const pairs = pairUp(words, shown)
  const late = (shownMs: number, word: SpokenWord): number => shownMs - startMs - word.endMs
  return {
    first: pairs.map(([word, { firstMs }]) => late(firstMs, word)),
    stayed: pairs.map(([word, { stayedMs }]) => late(stayedMs, word)),
    words: words.length,
    errorRate: wordErrorRate(words.map(word => word.text).join(' '), shown.map(word => word.text).join(' ')),
  }
}

const toTableRow = (played: string, rows: readonly Row[]) => {
  const first = rows.flatMap(row => row.first).sort((a, b) => a - b)
  const stayed = rows.flatMap(row => row.stayed).sort((a, b) => a - b)
  const words = rows.reduce((sum, row) => sum + row.words, 0)
  return {
    played,
    words,
    'p50 ms': quantile(first, 0.5),
    'p95 ms': quantile(first, 0.95),
    'max ms': quantile(first, 1),
    'to stay, p50 ms': quantile(stayed, 0.5),
    'to stay, p95 ms': quantile(stayed, 0.95),
    'word error rate': Number((rows.reduce((sum, row) => sum + row.errorRate, 0) / rows.length).toFixed(3)),
    [`within ${goalMs} ms`]: `${first.filter(ms => ms <= goalMs).length} of ${words}`,
  }
}

const transcribeClip = async (recogniser: Recogniser): Promise<void> => {
  const clip = await decodeAudio(fixturePath('austen-0870.wav'))
  await recogniser.transcribe(joined(...Array.from({ length: clipRounds }, () => clip)))
}

const [loadBefore = 0] = loadavg()
const recogniser = await createRecogniser()
const port = await findFreePort()
const origin = `http://127.0.0.1:${port}/assemblyai`
const app = Fastify()
await app.register(assemblyAiStandIn, { prefix: '/assemblyai', recogniser, publicUrl: origin })
try {
  await app.listen({ host: '127.0.0.1', port })
  const rows = [
    toTableRow('one stream', [await playOnce(origin)]),
    toTableRow('two streams at once', await Promise.all([playOnce(origin), playOnce(origin)])),
  ]
  const [beside] = await Promise.all([playOnce(origin), transcribeClip(recogniser)])
  rows.push(toTableRow('one stream beside a clip', [beside]))
  console.log(
    'From the end of a word in the sound, played in real time, to the first Turn that shows it;',
    `${cpus().length} cores, which had a load of ${loadBefore.toFixed(1)} before.`,
  )
  console.table(rows)
} finally {
  await app.close()
  await recogniser.close()
}
