import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ffmpeg from '@ffmpeg-installer/ffmpeg'
import { ADTS, BufferSource, EncodedPacketSink, Input } from 'mediabunny'
import { projectDir } from '../../paths.ts'
import type { SoundName } from './channels.ts'

/** As Twitch sends it: AAC-LC, stereo. */
const SAMPLE_RATE_HZ = 48_000
const BITRATE_BPS = 128_000
const AAC_FRAME_SAMPLES = 1_024

export const FRAME_SECONDS = AAC_FRAME_SAMPLES / SAMPLE_RATE_HZ

/** Both recordings with a pause after each. It holds a whole number of AAC frames, so that it can be repeated. */
const LOOP_SECONDS = 16
const LOOP_FRAMES = (LOOP_SECONDS * SAMPLE_RATE_HZ) / AAC_FRAME_SAMPLES
const SPEECH = [
  { file: 'austen-0870.wav', withPauseSeconds: 10 },
  { file: 'austen-0880.wav', withPauseSeconds: 6 },
]

/** AAC that goes on for ever by being repeated. */
export interface Loop {
  decoderConfig: AudioDecoderConfig
  /** ADTS frames. */
  frames: Uint8Array[]
}

/** Gives a sound by its name. */
export type Sounds = (name: SoundName) => Promise<Loop>

/** Makes each sound when it is first asked for, and keeps it. */
export function createSounds(): Sounds {
  const made = new Map<SoundName, Promise<Loop>>()
  return name => {
    const loop = made.get(name) ?? makeLoop(name)
    made.set(name, loop)
    return loop
  }
}

async function makeLoop(name: SoundName): Promise<Loop> {
  const adts = await encode(name === 'speech' ? speechInput() : silenceInput())
  const input = new Input({ formats: [ADTS], source: new BufferSource(adts) })
  const track = await input.getPrimaryAudioTrack()
  const decoderConfig = await track?.getDecoderConfig()
  if (!track || !decoderConfig) throw new Error(`ffmpeg made no AAC of ${name}.`)

  const frames: Uint8Array[] = []
  for await (const packet of new EncodedPacketSink(track).packets()) frames.push(packet.data)
  return { decoderConfig, frames: frames.slice(0, LOOP_FRAMES) }
}

function speechInput(): string[] {
  const files = SPEECH.flatMap(({ file }) => ['-i', join(projectDir, 'tests', 'fixtures', file)])
  const padded = SPEECH.map(
    ({ withPauseSeconds }, index) =>
      `[${index}:a]aresample=${SAMPLE_RATE_HZ},apad=whole_len=${withPauseSeconds * SAMPLE_RATE_HZ}[p${index}]`,
  )
  const joined = `${SPEECH.map((_, index) => `[p${index}]`).join('')}concat=n=${SPEECH.length}:v=0:a=1[all]`
  return [...files, '-filter_complex', [...padded, joined].join(';'), '-map', '[all]']
}

function silenceInput(): string[] {
  return ['-f', 'lavfi', '-t', String(LOOP_SECONDS), '-i', `anullsrc=r=${SAMPLE_RATE_HZ}`]
}

async function encode(input: string[]): Promise<Uint8Array> {
  const output = ['-c:a', 'aac', '-b:a', String(BITRATE_BPS), '-ac', '2', '-f', 'adts', 'pipe:1']
  const { stdout } = await promisify(execFile)(
    ffmpeg.path,
    ['-nostdin', '-hide_banner', '-loglevel', 'error', ...input, ...output],
    { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 },
  )
  return stdout
}
