import { SAMPLE_RATE_HZ } from './decode.ts'
import { groupIntoWords, loadMoonshine, type Moonshine, type Token } from './moonshine.ts'

/** A word without its place in time; `confidence` is from 0 to 1, `tokens` are what the model made it of. */
export type HeardWord = { text: string; confidence: number; tokens: number[] }

/** What is to be recognised: at most about 15 s. */
export type Hearing = {
  /** Mono, at 16 kHz. */
  samples: Float32Array<ArrayBuffer>
  /** The tokens of the words that are settled already: the answer begins with them. */
  known?: readonly number[]
  /** Whether being quick counts for more than being sure. */
  quick?: boolean
}

/**
 * Silence put before and after a piece. Moonshine hears a short utterance better with it, and which way the
 * last doubtful word falls can hang on where the utterance lies in the model's 24 ms grid. So a piece that it
 * is not sure of is heard once more, placed otherwise, and the surer hearing counts.
 */
const PLACEMENTS_SECONDS = [
  { before: 0.3, after: 0.5 },
  { before: 0.1, after: 0.5 },
]
const SURE = 0.95

/**
 * For speech that goes on. Much silence after a second or less of it makes the model take the whole for silence;
 * with this it hears the first words.
 */
const QUICK_PLACEMENT_SECONDS = { before: 0.3, after: 0.2 }

/** Whisper's limit (a mean log probability of -1): what is heard less surely than this is no speech. */
const NO_SPEECH = Math.exp(-1)

let model: Promise<Moonshine> | undefined

/** Loads the model. The first call of {@link recognise} does it otherwise. */
export async function load(): Promise<void> {
  model ??= loadMoonshine()
  await model
}

/** Runs in the worker thread: the words that are heard. */
export async function recognise(hearing: Hearing): Promise<HeardWord[]> {
  model ??= loadMoonshine()
  const tokens = await listenUntilSure(await model, hearing)
  if (sureness(tokens) < NO_SPEECH) return []
  return groupIntoWords(tokens).map(word => ({
    text: word.text,
    confidence: sureness(word.tokens),
    tokens: word.tokens.map(token => token.id),
  }))
}

async function listenUntilSure(
  moonshine: Moonshine,
  { samples, known, quick = false }: Hearing,
): Promise<Token[]> {
  let best: Token[] = []
  for (const placement of quick ? [QUICK_PLACEMENT_SECONDS] : PLACEMENTS_SECONDS) {
    const tokens = await moonshine.listen(withSilenceAround(samples, placement), known)
    if (sureness(tokens) > sureness(best)) best = tokens
    if (sureness(best) >= SURE) break
  }
  return best
}

/** The geometric mean of the tokens' probabilities; 0 where nothing was heard. */
function sureness(tokens: Token[]): number {
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
