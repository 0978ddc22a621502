import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import ffmpeg from '@ffmpeg-installer/ffmpeg'

/** What the recogniser hears: mono samples between -1 and 1 at this rate. */
export const SAMPLE_RATE_HZ = 16_000

/**
 * The containers that are read, by the names of ffmpeg's demuxers. Playlists (HLS, concat) are left out,
 * because they name other files, which ffmpeg would open.
 */
const CONTAINERS = 'wav,w64,aiff,caf,mp3,aac,mov,mp4,m4a,matroska,webm,ogg,flac,mpegts,amr,avi,flv'

/** The bytes hold no sound that ffmpeg can read. `message` is ffmpeg's last line. */
export class NotAudioError extends Error {
  override readonly name = 'NotAudioError'
}

/**
 * Turns a recording in any of the usual forms (wav, mp3, m4a, webm, ogg, flac, …) into mono samples at
 * {@link SAMPLE_RATE_HZ}. A recording that breaks off is decoded as far as it goes.
 *
 * ffmpeg reads from a file, never from a pipe: an m4a may have its index at the end and needs seeking. Bytes
 * are therefore written to a temporary file, which is removed before this returns.
 *
 * @param recording the path of a file, or its bytes
 * @throws NotAudioError when no sound is found
 */
export async function decodeAudio(
  recording: string | Uint8Array,
  signal?: AbortSignal,
): Promise<Float32Array> {
  if (typeof recording === 'string') return decodeFile(recording, signal)

  const directory = await mkdtemp(join(tmpdir(), 'recording-'))
  try {
    const file = join(directory, 'recording')
    await writeFile(file, recording)
    return await decodeFile(file, signal)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function decodeFile(file: string, signal?: AbortSignal): Promise<Float32Array> {
  const input = ['-protocol_whitelist', 'file', '-format_whitelist', CONTAINERS, '-i', `file:${file}`]
  const output = ['-vn', '-ac', '1', '-ar', String(SAMPLE_RATE_HZ), '-f', 'f32le', 'pipe:1']
  const child = spawn(ffmpeg.path, ['-nostdin', '-hide_banner', '-loglevel', 'error', ...input, ...output], {
    stdio: ['ignore', 'pipe', 'pipe'],
    killSignal: 'SIGKILL',
    ...(signal && { signal }),
  })
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [exitCode, sound, complaints] = await Promise.all([exited, buffer(child.stdout), text(child.stderr)])
  if (exitCode !== 0 && sound.length === 0) throw new NotAudioError(lastLine(complaints))
  return toSamples(sound)
}

function toSamples(bytes: Buffer): Float32Array {
  const length = Math.floor(bytes.length / Float32Array.BYTES_PER_ELEMENT)
  if (bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0) {
    return new Float32Array(bytes.buffer, bytes.byteOffset, length)
  }
  return new Float32Array(Uint8Array.from(bytes).buffer, 0, length)
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? 'ffmpeg found no sound'
}
