import { decodeAudio, NotAudioError, SAMPLE_RATE_HZ } from '../../recogniser/decode.ts'
import type { RecognisedWord, Recogniser } from '../../recogniser/recogniser.ts'
import { noSpokenAudio, notAudio, tooLong, tooShort } from './errors.ts'
import type { Result } from './record.ts'
import type { TranscriptRequest } from './request.ts'

/** AssemblyAI's limits for the length of a recording. */
const SHORTEST_MS = 160
const LONGEST_MS = 10 * 60 * 60_000

/**
 * Transcribes a recording as a request asks. Times of words count from the start of the file, also where only
 * a part of it was asked for.
 *
 * @throws TranscriptionError when the recording cannot be transcribed
 */
export async function transcribeFile(
  recogniser: Recogniser,
  file: string,
  request: TranscriptRequest,
  signal: AbortSignal,
): Promise<Result> {
  const whole = await decode(file, signal)
  const startMs = request.audio_start_from ?? 0
  const part = whole.subarray(toSamples(startMs), toSamples(request.audio_end_at ?? LONGEST_MS))
  const partMs = (part.length / SAMPLE_RATE_HZ) * 1000
  if (partMs < SHORTEST_MS) throw tooShort()
  if (partMs > LONGEST_MS) throw tooLong()

  const { text, words } = await recogniser.transcribe(part, signal)
  if (request.language_detection && words.length === 0) throw noSpokenAudio()
  return {
    text,
    words: words.map(word => toWireWord(word, startMs)),
    confidence: mean(words.map(word => word.confidence)),
    audio_duration: Math.ceil(whole.length / SAMPLE_RATE_HZ),
  }
}

async function decode(file: string, signal: AbortSignal): Promise<Float32Array> {
  try {
    return await decodeAudio(file, signal)
  } catch (error) {
    throw error instanceof NotAudioError ? notAudio() : error
  }
}

function toSamples(milliseconds: number): number {
  return Math.round((milliseconds / 1000) * SAMPLE_RATE_HZ)
}

function toWireWord(word: RecognisedWord, startMs: number): Result['words'][number] {
  return {
    text: word.text,
    start: word.start_ms + startMs,
    end: word.end_ms + startMs,
    confidence: Number(word.confidence.toFixed(5)),
    speaker: null,
  }
}

function mean(numbers: number[]): number {
  if (numbers.length === 0) return 0
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}
