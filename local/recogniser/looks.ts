import type { Heard, HeardWord, Look } from './worker.ts'

/** What is to be recognised: a piece of at most about 15 s. */
export type Hearing = {
  /** Mono, at 16 kHz. */
  samples: Float32Array<ArrayBuffer>
  /** The tokens of the words that are settled already: the answer begins with them. */
  known?: readonly number[]
  /** Set for speech that goes on: one look, as more follow soon. */
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

/** Looks at a piece until it is sure enough of the words, by one call of `look` after the other. */
export async function hear(
  { samples, known = [], quick = false }: Hearing,
  look: (look: Look) => Promise<Heard>,
): Promise<HeardWord[]> {
  let best: Heard = { words: [], sureness: 0 }
  for (const silenceSeconds of quick ? [QUICK_PLACEMENT_SECONDS] : PLACEMENTS_SECONDS) {
    const heard = await look({ samples, known, silenceSeconds })
    if (heard.sureness > best.sureness) best = heard
    if (best.sureness >= SURE) break
  }
  return best.sureness < NO_SPEECH ? [] : best.words
}
