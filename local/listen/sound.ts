import { join } from 'node:path'
import { decodeAudio, SAMPLE_RATE_HZ } from '../recogniser/decode.ts'

const recordings = ['austen-0870.wav', 'austen-0880.wav']
const pauseSeconds = 0.8
const bytesPerSample = 2
const headerBytes = 44

/** The sample recordings one after the other, a pause after each, as one WAV file that can be played over and over. */
export async function speechWav(fixturesDir: string): Promise<Buffer> {
  const pause = new Float32Array(pauseSeconds * SAMPLE_RATE_HZ)
  const spoken = await Promise.all(recordings.map(file => decodeAudio(join(fixturesDir, file))))
  const parts = spoken.flatMap(samples => [samples, pause])
  const wav = wavOf(parts.reduce((total, part) => total + part.length, 0))
  let at = headerBytes
  for (const sample of parts.flatMap(part => [...part])) {
    wav.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), at)
    at += bytesPerSample
  }
  return wav
}

/** A file for that many samples of 16-bit PCM, one channel: its header, and silence. */
function wavOf(samples: number): Buffer {
  const wav = Buffer.alloc(headerBytes + samples * bytesPerSample)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(SAMPLE_RATE_HZ, 24)
  wav.writeUInt32LE(SAMPLE_RATE_HZ * bytesPerSample, 28)
  wav.writeUInt16LE(bytesPerSample, 32)
  wav.writeUInt16LE(bytesPerSample * 8, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(samples * bytesPerSample, 40)
  return wav
}
