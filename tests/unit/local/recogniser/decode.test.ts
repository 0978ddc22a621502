import { mkdtemp, readFile, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { decodeAudio, NotAudioError, SAMPLE_RATE_HZ } from '../../../../local/recogniser/decode.ts'
import { fixturePath } from '../../../support/speech.ts'

const FORMATS = ['wav', 'mp3', 'm4a', 'webm', 'ogg', 'flac'].map(extension => `austen-0880.${extension}`)

const wav = await readFile(fixturePath('austen-0880.wav'))

describe.each([...FORMATS, 'austen-0880-live.webm'])('%s', name => {
  test('gives the same sound whether it is read from the file or from its bytes', async () => {
    const fromFile = await decodeAudio(fixturePath(name))
    const fromBytes = await decodeAudio(await readFile(fixturePath(name)))
    expect(fromBytes).toEqual(fromFile)
  })

  test('lasts 3 seconds and is as loud as the recording it was made from', async () => {
    const samples = await decodeAudio(fixturePath(name))
    expect(samples.length / SAMPLE_RATE_HZ).toBeCloseTo(2.99, 1)
    expect(rootMeanSquare(samples)).toBeCloseTo(rootMeanSquare(await decodeAudio(wav)), 2)
  })
})

test('16-bit samples come out as they went in, between -1 and 1', async () => {
  const samples = await decodeAudio(wav)
  expect(samples[1000]).toBeCloseTo(wav.readInt16LE(44 + 2000) / 32768, 6)
  expect(samples.length).toBe((wav.length - 44) / 2)
})

test('a recording that breaks off is decoded as far as it goes', async () => {
  const samples = await decodeAudio(wav.subarray(0, 44 + 2 * SAMPLE_RATE_HZ))
  expect(samples.length).toBe(SAMPLE_RATE_HZ)
})

test('a wav without a sample gives no samples', async () => {
  expect(await decodeAudio(wav.subarray(0, 44))).toHaveLength(0)
})

test.each([
  ['text', Buffer.from('This is not a recording.'.repeat(100))],
  ['nothing', Buffer.alloc(0)],
  [
    'a playlist that names a local file',
    Buffer.from(`#EXTM3U\n#EXTINF:3,\n${fixturePath('austen-0880.mp3')}\n`),
  ],
  [
    'a concat list that names a local file',
    Buffer.from(`ffconcat version 1.0\nfile ${fixturePath('austen-0880.wav')}\n`),
  ],
])('%s is refused as no audio', async (_what, bytes) => {
  await expect(decodeAudio(bytes)).rejects.toBeInstanceOf(NotAudioError)
})

test('a file that is not there is refused with its reason', async () => {
  await expect(decodeAudio(fixturePath('missing.wav'))).rejects.toThrow(/No such file/)
})

test('no temporary file is left, also after a failure', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'decode-test-'))
  vi.stubEnv('TMPDIR', directory)
  await decodeAudio(wav)
  await decodeAudio(Buffer.from('not audio')).catch(() => undefined)
  vi.unstubAllEnvs()
  await rmdir(directory)
})

test('an aborted signal ends the decoding', async () => {
  const reason = AbortSignal.abort()
  await expect(decodeAudio(fixturePath('austen-0870.wav'), reason)).rejects.toMatchObject({
    name: 'AbortError',
  })
})

function rootMeanSquare(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
}
