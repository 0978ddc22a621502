import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import PQueue from 'p-queue'
import { Piscina } from 'piscina'
import { type Hearing, hear } from './looks.ts'
import { cutIntoPieces, type Piece } from './pieces.ts'
import { findVoicedSpans } from './voice-activity.ts'
import { estimateWordTimes } from './word-times.ts'
import type { Heard, HeardWord, Look } from './worker.ts'

/**
 * A spoken word. The times are estimates (see `word-times.ts`); `confidence`, from 0 to 1, is the geometric
 * mean of the probabilities that the model gave the word's tokens.
 */
export type RecognisedWord = { text: string; start_ms: number; end_ms: number; confidence: number }

/** What was said: `text` is the words joined by spaces, and empty where nobody speaks. */
type Recognition = { text: string; words: RecognisedWord[] }

type Worker = Piscina<Look | undefined, Heard>

/** English speech to text on this machine. */
export type Recogniser = {
  /**
   * Recognises a recording. Several may be asked for at once: their pieces take turns.
   *
   * @param samples mono, at 16 kHz, between -1 and 1 (see `decodeAudio`); they are read, not kept
   * @param signal ends the recognition after the piece in work, and rejects with the signal's reason
   */
  transcribe(samples: Float32Array, signal?: AbortSignal): Promise<Recognition>
  /**
   * Recognises a few seconds of speech for somebody who waits: it is taken up before the next look at
   * any recording.
   */
  hear(hearing: Hearing): Promise<HeardWord[]>
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
  const worker: Worker = new Piscina({
    filename: fileURLToPath(new URL('./worker.ts', import.meta.url)),
    minThreads: 1,
    maxThreads: 1,
    atomics: 'disabled',
  })
  await loadModel(worker, options.onProgress)

  const turns = new PQueue({ concurrency: 1 })
  let isClosed = false
  const lookWith = (priority: number) => (look: Look) =>
    turns.add(
      () => {
        if (isClosed) throw new Error('The recogniser is closed.')
        return worker.run(look, { name: 'recognise' })
      },
      { priority },
    )
  return {
    transcribe: (samples, signal) => transcribe(lookWith(0), samples, signal),
    hear: hearing => hear(hearing, lookWith(1)),
    close() {
      isClosed = true
      return worker.destroy()
    },
  }
}

async function loadModel(worker: Worker, onProgress?: (line: string) => void): Promise<void> {
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
  look: (look: Look) => Promise<Heard>,
  samples: Float32Array,
  signal?: AbortSignal,
): Promise<Recognition> {
  const words: RecognisedWord[] = []
  for (const piece of cutIntoPieces(samples, findVoicedSpans(samples))) {
    signal?.throwIfAborted()
    const heard = await hear({ samples: samples.slice(piece.start, piece.end) }, look)
    words.push(...placeInTime(heard, piece))
  }
  signal?.throwIfAborted()
  return { text: words.map(word => word.text).join(' '), words }
}

/** Gives the words of a piece their times. */
export function placeInTime(heard: readonly HeardWord[], piece: Piece): RecognisedWord[] {
  const times = estimateWordTimes(
    heard.map(word => word.text),
    piece.voiced,
  )
  return heard.flatMap((word, index) => {
    const time = times[index]
    return time ? [{ text: word.text, ...time, confidence: word.confidence }] : []
  })
}
