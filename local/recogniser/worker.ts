import { SAMPLE_RATE_HZ } from './decode.ts'
import { groupIntoWords, loadMoonshine, type Moonshine, type Token } from './moonshine.ts'

/** A word without its place in time; `confidence` is from 0 to 1, `tokens` are what the model made it of. */
export type HeardWord = { text: string; confidence: number; tokens: number[] }

/** One look at a piece of at most about 15 s. */
export type Look = {
  /** Mono, at 16 kHz. */
  samples: Float32Array<ArrayBuffer>
  /** The tokens that the answer begins with. */
  known: readonly number[]
  /** How much silence is put before and after the piece. */
  silenceSeconds: { before: number; after: number }
}

/** What a look gave. `sureness` is the geometric mean of the tokens' probabilities, 0 where nothing was heard. */
export type Heard = { words: HeardWord[]; sureness: number }

let model: Promise<Moonshine> | undefined

/** Loads the model. The first call of {@link recognise} does it otherwise. */
export async function load(): Promise<void> {
  model ??= loadMoonshine()
  await model
}

/** Runs in the worker thread: the words that are heard. */
export async function recognise({ samples, known, silenceSeconds }: Look): Promise<Heard> {
  model ??= loadMoonshine()
  const tokens = await (await model).listen(withSilenceAround(samples, silenceSeconds), known)
  const words = groupIntoWords(tokens).map(word => ({
    text: word.text,
    confidence: surenessOf(word.tokens),
    tokens: word.tokens.map(token => token.id),
  }))
  return { words, sureness: surenessOf(tokens) }
}

function surenessOf(tokens: Token[]): number {
  if (tokens.length === 0) return 0
  const sum = tokens.reduce((total, token) => total + Math.log(token.probability), 0)
  return Math.exp(sum / tokens.length)
}

function withSilenceAround(samples: Float32Array, silence: { before: number; after: number }): Float32Array {
  const before = Math.round(silence.before * SAMPLE_RATE_HZ)
  const padded = new Float32Array(before + samples.length + Math.round(silence.after * SAMPLE_RATE_HZ))
  padded.set(samples, before)
  return padded
}
