import { SAMPLE_RATE_HZ } from './decode.ts'

/** A stretch of a recording, as indexes of its samples; `end` is the first sample after it. */
export type Span = { start: number; end: number }

const FRAME_MS = 20
const FRAME_SAMPLES = (SAMPLE_RATE_HZ * FRAME_MS) / 1000

/** The background is judged anew for each block, from the block and its two neighbours. */
const BLOCK_FRAMES = 10_000 / FRAME_MS

/** Pauses shorter than this belong to the speech around them: stops inside words last up to 150 ms. */
const SHORTEST_PAUSE_FRAMES = 300 / FRAME_MS

/** Anything shorter than this is a click. */
const SHORTEST_SOUND_FRAMES = 60 / FRAME_MS

/** Speech begins and ends in soft consonants that the threshold misses. */
const EDGE_FRAMES = 40 / FRAME_MS

/** Below this (in dB of full scale) nothing is speech. */
const SILENCE_DB = -70

/** Softer than this was never recorded (16 bits reach to -96): it was cut or muted, and tells nothing of the background. */
const DIGITAL_SILENCE_DB = -90

/** Speech is not this much softer than the loudest sound near it. */
const DYNAMIC_RANGE_DB = 35

/**
 * Finds the stretches of a recording in which somebody may be speaking, in order and apart.
 *
 * It goes by energy alone: a frame of 20 ms counts when it stands out from the background near it. How far it
 * must stand out follows from how much the level varies there, so a steady hum or hiss is silence however loud,
 * while speech over music still comes through. Music and noises that vary are not told from speech.
 *
 * For a live stream, give it what was heard in the last 10 to 30 seconds.
 */
export function findVoicedSpans(samples: Float32Array): Span[] {
  const levels = frameLevelsDb(samples)
  const sounds = joinLoudFrames(levels, thresholdsDb(levels))
  return sounds.map(({ start, end }) => ({
    start: Math.max(0, start - EDGE_FRAMES) * FRAME_SAMPLES,
    end: Math.min(samples.length, (end + EDGE_FRAMES) * FRAME_SAMPLES),
  }))
}

/** The middle of the softest 20 ms that begin between `from` and `to`: the best place to cut there. */
export function softestSample(samples: Float32Array, { start, end }: Span): number {
  const levels = frameLevelsDb(samples.subarray(start, end))
  let softest = 0
  levels.forEach((level, frame) => {
    if (level < (levels[softest] ?? 0)) softest = frame
  })
  return Math.min(end, start + Math.round((softest + 0.5) * FRAME_SAMPLES))
}

/** The length of what {@link quietestPlace} looks for: longer than the stops inside most words. */
export const QUIET_SAMPLES = 5 * FRAME_SAMPLES

/** The middle of the quietest 100 ms, and their level in dB of full scale. */
export function quietestPlace(samples: Float32Array): { position: number; levelDb: number } {
  let quietest = { position: 0, levelDb: Number.POSITIVE_INFINITY }
  for (let start = 0; start + QUIET_SAMPLES <= samples.length; start += FRAME_SAMPLES) {
    const level = levelDb(samples, start, start + QUIET_SAMPLES)
    if (level < quietest.levelDb) quietest = { position: start + QUIET_SAMPLES / 2, levelDb: level }
  }
  return quietest
}

/** The level of each frame in dB of full scale, without its constant part; what is left at the end counts as a frame. */
function frameLevelsDb(samples: Float32Array): Float32Array {
  const levels = new Float32Array(Math.ceil(samples.length / FRAME_SAMPLES))
  for (let frame = 0; frame < levels.length; frame++) {
    const end = Math.min(samples.length, (frame + 1) * FRAME_SAMPLES)
    levels[frame] = levelDb(samples, frame * FRAME_SAMPLES, end)
  }
  return levels
}

/** The level in dB of full scale, without the constant part. */
export function levelDb(samples: Float32Array, start = 0, end = samples.length): number {
  let sum = 0
  let sumOfSquares = 0
  for (let index = start; index < end; index++) {
    const sample = samples[index] ?? 0
    sum += sample
    sumOfSquares += sample * sample
  }
  const mean = sum / (end - start)
  return 10 * Math.log10(Math.max(sumOfSquares / (end - start) - mean * mean, 1e-12))
}

/** The level above which a frame counts, for each block of {@link BLOCK_FRAMES}. */
function thresholdsDb(levels: Float32Array): number[] {
  const blocks = Math.ceil(levels.length / BLOCK_FRAMES)
  return Array.from({ length: blocks }, (_, block) =>
    thresholdDb(levels.slice(Math.max(0, block - 1) * BLOCK_FRAMES, (block + 2) * BLOCK_FRAMES)),
  )
}

function thresholdDb(neighbourhood: Float32Array): number {
  const sorted = neighbourhood.filter(level => level > DIGITAL_SILENCE_DB).sort()
  const background = sorted[Math.floor(sorted.length * 0.1)] ?? SILENCE_DB
  const loud = sorted[Math.max(0, sorted.length - 10)] ?? SILENCE_DB
  const margin = Math.min(9, Math.max(3, 0.35 * (loud - background)))
  return Math.max(background + margin, loud - DYNAMIC_RANGE_DB, SILENCE_DB)
}

/** Stretches of frames above their threshold, joined over short pauses, without clicks. */
function joinLoudFrames(levels: Float32Array, thresholds: number[]): Span[] {
  const sounds: (Span & { loudFrames: number })[] = []
  levels.forEach((level, frame) => {
    if (level < (thresholds[Math.floor(frame / BLOCK_FRAMES)] ?? 0)) return
    const last = sounds.at(-1)
    if (last && frame - last.end < SHORTEST_PAUSE_FRAMES) {
      last.end = frame + 1
      last.loudFrames++
    } else {
      sounds.push({ start: frame, end: frame + 1, loudFrames: 1 })
    }
  })
  return sounds.filter(sound => sound.loudFrames >= SHORTEST_SOUND_FRAMES)
}
