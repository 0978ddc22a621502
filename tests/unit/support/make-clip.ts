import { execFileSync } from 'node:child_process'
import ffmpeg from '@ffmpeg-installer/ffmpeg'

/** A clip that ffmpeg makes: what it reads and how it is encoded, without the output itself. */
export const makeClip = (...options: string[]): Uint8Array =>
  execFileSync(ffmpeg.path, ['-hide_banner', '-loglevel', 'error', ...options, 'pipe:1'], {
    maxBuffer: 50_000_000,
  })

/** ffmpeg's options for reading a tone of this length. */
export const tone = (seconds: number): string[] => [
  '-f',
  'lavfi',
  '-i',
  `sine=frequency=300:duration=${seconds}:sample_rate=16000`,
]
