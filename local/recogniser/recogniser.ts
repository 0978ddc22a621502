import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { cutIntoPieces, type Piece } from './pieces.ts'
import { findVoicedSpans } from './voice-activity.ts'
import { estimateWordTimes } from './word-times.ts'
import type { HeardWord } from './worker.ts'

/**
 * A spoken word. The times are estimates (see `word-times.ts`); `confidence`, from 0 to 1, is the geometric
 * mean of the probabilities that the model gave the word's tokens.
 */
export type RecognisedWord = { text: string; start_ms: number; end_ms: number; confidence: number }

/** What was said: `text` is the words joined by spaces, and empty where nobody speaks. */
type Recognition = { text: string; words: RecognisedWord[] }

/** English speech to text on this machine. */
export type Recogniser = {
  /**
   * Recognises a recording. Several may be asked for at once: their pieces take turns.
   *
   * @param samples mono, at 16 kHz, between -1 and 1 (see `decodeAudio`); they are read, not kept
   * @param signal ends the recognition after the piece in work, and rejects with the signal's reason
   */
  transcribe(samples: Float32Array, signal?: AbortSignal): Promise<Recognition>
  /** Ends the worker thread. What is still being recognised is rejected. */
  close(): Promise<void>
}

/**
 * Starts the worker thread and loads the model in it, which takes a second or two and about 400 MB of memory.
 *
 * @param options.onProgress is told in short sentences what is going on
 */
export async function createRecogniser(
  options: { onProgress?: (line: string) => void } = {},
): Promise<Recogniser> {
  const worker = new Piscina<Float32Array | undefined, HeardWord[]>({
    filename: fileURLToPath(new URL('./worker.ts', import.meta.url)),
    minThreads: 1,
    maxThreads: 1,
    atomics: 'disabled',
  })
  await loadModel(worker, options.onProgress)
  return {
    transcribe: (samples, signal) => transcribe(worker, samples, signal),
    close: () => worker.destroy(),
  }
}

async function loadModel(worker: Piscina, onProgress?: (line: string) => void): Promise<void> {
  onProgress?.('Loading the speech model.')
  const startMs = performance.now()
  try {
    await worker.run(undefined, { name: 'load' })
  } catch (error) {
    await worker.destroy()
    throw new Error('The speech model did not load. Run npm install, then try again.', { cause: error })
  }
  onProgress?.(`The speech model is ready after ${((performance.now() - startMs) / 1000).toFixed(1)} s.`)
}

async function transcribe(
  worker: Piscina<Float32Array | undefined, HeardWord[]>,
  samples: Float32Array,
  signal?: AbortSignal,
): Promise<Recognition> {
  const words: RecognisedWord[] = []
  for (const piece of cutIntoPieces(samples, findVoicedSpans(samples))) {
    signal?.throwIfAborted()
    const sound = samples.slice(piece.start, piece.end)
    const heard = await worker.run(sound, { name: 'recognise', transferList: [sound.buffer] })
    words.push(...placeInTime(heard, piece))
  }
  signal?.throwIfAborted()
  return { text: words.map(word => word.text).join(' '), words }
}

function placeInTime(heard: HeardWord[], piece: Piece): RecognisedWord[] {
  const times = estimateWordTimes(
    heard.map(word => word.text),
    piece.voiced,
  )
  return heard.flatMap((word, index) => {
    const time = times[index]
    return time ? [{ text: word.text, ...time, confidence: word.confidence }] : []
  })
}
