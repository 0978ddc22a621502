import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ClipInspection } from '../../../src/domain/ports.ts'
import { clipCredits } from '../../../src/domain/price-list.ts'
import { clipInspector } from '../../../src/media/clip-inspector.ts'
import { fixturePath } from '../../support/speech.ts'
import { inspectClips } from '../support/inspect-clips.ts'
import { makeClip, tone } from '../support/make-clip.ts'

const fixture = (name: string): Uint8Array => readFileSync(fixturePath(name))
const inspect = (bytes: Uint8Array): Promise<ClipInspection> => clipInspector.inspect(bytes)

const unreadable = (problem: string) => ({ kind: 'unreadable', problem })

/** How long a clip is; it must be audio. */
const lengthOf = async (bytes: Uint8Array): Promise<number> => {
  const inspection = await inspect(bytes)
  if (inspection.kind !== 'audio') throw new Error(`The clip is ${inspection.problem}.`)
  return inspection.durationMs
}

const shares = [0.05, 0.2, 0.5, 0.8, 0.9]
const cut = (bytes: Uint8Array, share: number): Uint8Array =>
  bytes.subarray(0, Math.floor(bytes.byteLength * share))

/** Encoders pad what they are given; none of the fixtures by more than this. */
const paddingMs = 110

describe('the speech fixtures', () => {
  test.each([
    ['austen-0870.wav', 'WAVE', 7_100, 2],
    ['austen-0880.wav', 'WAVE', 2_990, 1],
    ['austen-0880.mp3', 'MP3', 2_990, 1],
    ['austen-0880.m4a', 'MP4', 2_990, 1],
    ['austen-0880.webm', 'WebM', 2_990, 1],
    ['austen-0880-live.webm', 'WebM', 2_990, 1],
    ['austen-0880.ogg', 'Ogg', 2_990, 1],
    ['austen-0880.flac', 'FLAC', 2_990, 1],
  ])('%s is read as %s, with its length', async (name, format, trueMs, credits) => {
    const inspection = await inspect(fixture(name))
    expect(inspection).toEqual({ kind: 'audio', format, durationMs: expect.any(Number) })
    const durationMs = await lengthOf(fixture(name))
    expect(Number.isInteger(durationMs)).toBe(true)
    expect(Math.abs(durationMs - trueMs)).toBeLessThanOrEqual(paddingMs)
    expect(clipCredits(durationMs)).toBe(credits)
  })

  test('are read the same where they are a part of larger memory', async () => {
    const bytes = fixture('austen-0880.wav')
    const memory = new Uint8Array(bytes.byteLength + 200).fill(0xff)
    memory.set(bytes, 100)
    expect(await inspect(memory.subarray(100, 100 + bytes.byteLength))).toEqual(await inspect(bytes))
  })
})

describe('a clip that is cut off', () => {
  test.each([
    'austen-0880.wav',
    'austen-0880.mp3',
    'austen-0880.m4a',
    'austen-0880.webm',
    'austen-0880.ogg',
    'austen-0880.flac',
  ])('is told from a whole one: %s', async name => {
    const bytes = fixture(name)
    const inspections = await inspectClips(shares.map(share => cut(bytes, share)))
    expect(inspections).toEqual(shares.map(() => unreadable('truncated')))
  })

  test('and has no length in its header, as a browser records it, is as long as what is there', async () => {
    const bytes = fixture('austen-0880-live.webm')
    const inspections = await inspectClips([0.5, 0.9, 1].map(share => cut(bytes, share)))
    const lengths = inspections.map(inspection => inspection.kind === 'audio' && inspection.durationMs)
    expect(lengths).toEqual([961, 1_961, 2_981])
  })

  test('anywhere in its first kilobyte is never taken for audio, in any format', async () => {
    const names = ['wav', 'mp3', 'm4a', 'webm', 'ogg', 'flac'].map(format => `austen-0880.${format}`)
    const heads = names.flatMap(name =>
      [1, 4, 8, 12, 16, 30, 43, 44, 100, 300, 1_000].map(length => fixture(name).subarray(0, length)),
    )
    const kinds = (await inspectClips(heads)).map(inspection => inspection.kind)
    expect(new Set(kinds)).toEqual(new Set(['unreadable']))
  })
})

describe('what is no clip', () => {
  test('is told: nothing at all', async () => {
    expect(await inspect(new Uint8Array())).toEqual(unreadable('empty'))
  })

  test.each([
    ['text', Buffer.from('He was not an ill-disposed young man. '.repeat(50))],
    ['JSON', Buffer.from('{"question":"How much?"}')],
    ['a web page', Buffer.from('<!doctype html><title>x</title>')],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001', 'hex')],
    ['zeros', new Uint8Array(5_000)],
    ['one byte', new Uint8Array([0x52])],
    ['a document', Buffer.from('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n'.repeat(20))],
  ])('is told: %s', async (_what, bytes) => {
    expect(await inspect(bytes)).toEqual(unreadable('not_audio'))
  })

  test('is told: a film without sound', async () => {
    const film = makeClip(
      ...['-f', 'lavfi', '-i', 'color=c=black:s=64x64:d=1'],
      ...['-c:v', 'libx264', '-movflags', 'frag_keyframe+empty_moov', '-f', 'mp4'],
    )
    expect(await inspect(film)).toEqual(unreadable('not_audio'))
  })

  test.each([
    ['aac without a container', ['-c:a', 'aac', '-f', 'adts']],
    ['aiff', ['-f', 'aiff']],
  ])('is told: sound in a form that is not taken, %s', async (_what, encoding) => {
    expect(await inspect(makeClip(...tone(1), ...encoding))).toEqual(unreadable('not_audio'))
  })
})

describe('a clip that is too short for the vendor', () => {
  const wav = (seconds: number) => makeClip(...tone(seconds), '-f', 'wav')

  test('is told, to the millisecond', async () => {
    expect(await inspect(wav(0.159))).toEqual(unreadable('too_short'))
    expect(await inspect(wav(0.16))).toMatchObject({ kind: 'audio', durationMs: 160 })
  })

  test('is told where it has a header and nothing else', async () => {
    const header = Buffer.from(fixture('austen-0880.wav').subarray(0, 44))
    header.writeUInt32LE(36, 4)
    header.writeUInt32LE(0, 40)
    expect(await inspect(header)).toEqual(unreadable('too_short'))
  })
})

describe('the length', () => {
  test.each([
    ['8-bit wav', ['-c:a', 'pcm_u8', '-f', 'wav']],
    ['float wav', ['-c:a', 'pcm_f32le', '-f', 'wav']],
    ['wav whose writer could not seek back', ['-f', 'wav']],
    ['mp3 without a header of its own', ['-c:a', 'libmp3lame', '-write_xing', '0', '-f', 'mp3']],
    ['mp3 with tags', ['-c:a', 'libmp3lame', '-metadata', 'title=Sense', '-f', 'mp3']],
    ['mp4 in fragments', ['-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov', '-f', 'mp4']],
    ['ogg/vorbis', ['-c:a', 'libvorbis', '-f', 'ogg']],
    ['flac without a length', ['-c:a', 'flac', '-f', 'flac']],
    ['stereo at 48 kHz', ['-ac', '2', '-ar', '48000', '-f', 'wav']],
  ])('of %s is what it holds', async (_what, encoding) => {
    const length = await lengthOf(makeClip(...tone(3), ...encoding))
    expect(Math.abs(length - 3_000)).toBeLessThanOrEqual(paddingMs)
  })

  test.each([
    ['webm', ['-c:a', 'libopus', '-f', 'webm']],
    ['ogg', ['-c:a', 'libopus', '-f', 'ogg']],
  ])(
    'of what was cut out of the middle of a recording is what it holds, not when it ended: %s',
    async (_what, encoding) => {
      const length = await lengthOf(makeClip(...tone(3), '-output_ts_offset', '100', ...encoding))
      expect(Math.abs(length - 3_000)).toBeLessThanOrEqual(paddingMs)
    },
  )

  test('of a film is that of its sound', async () => {
    const film = makeClip(
      ...['-f', 'lavfi', '-i', 'color=c=black:s=64x64:d=10', ...tone(3)],
      ...['-c:v', 'libvpx', '-c:a', 'libopus', '-f', 'webm'],
    )
    expect(Math.abs((await lengthOf(film)) - 3_000)).toBeLessThanOrEqual(paddingMs)
  })

  test('of a wav that announces an hour and holds three seconds is not believed', async () => {
    const bytes = Buffer.from(fixture('austen-0880.wav'))
    bytes.writeUInt32LE(3_600 * 32_000, 4)
    bytes.writeUInt32LE(3_600 * 32_000, 40)
    expect(await inspect(bytes)).toEqual(unreadable('truncated'))
  })

  test('of a flac that announces one second and holds three is what it holds', async () => {
    const bytes = Buffer.from(fixture('austen-0880.flac'))
    bytes.writeUInt32BE(16_000, 22)
    expect(Math.abs((await lengthOf(bytes)) - 2_990)).toBeLessThanOrEqual(paddingMs)
  })
})

describe('a damaged clip', () => {
  const formats = ['wav', 'mp3', 'm4a', 'webm', 'ogg', 'flac'] as const

  /** Cut somewhere, and some bytes of it changed: anywhere, or in its head, where the lengths are. */
  const damaged = fc
    .record({
      format: fc.constantFrom(...formats),
      share: fc.constantFrom(1, 0.9, 0.5, 0.1),
      changes: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), {
        minLength: 1,
        maxLength: 12,
      }),
      isInHead: fc.boolean(),
    })
    .map(({ format, share, changes, isInHead }) => {
      const bytes = new Uint8Array(cut(fixture(`austen-0880.${format}`), share))
      const reach = isInHead ? Math.min(1_000, bytes.byteLength) : bytes.byteLength
      for (const [place, value] of changes) bytes[Math.floor(place * reach)] = value
      return bytes
    })

  test('is always read to an end, and told to be what it is', async () => {
    const clips = fc.sample(damaged, { seed: 20_261_121, numRuns: 600 })
    const inspections = await inspectClips(clips)
    expect(inspections).toHaveLength(600)
    for (const inspection of inspections) {
      if (inspection.kind === 'audio') expect(inspection.durationMs).toBeGreaterThanOrEqual(160)
      else expect(['empty', 'not_audio', 'truncated', 'too_short']).toContain(inspection.problem)
    }
  })

  test('is read to an end where a webm is damaged between two clusters', async () => {
    const bytes = fixture('austen-0880-live.webm')
    const cluster = [0x1f, 0x43, 0xb6, 0x75]
    const second = Buffer.from(bytes).indexOf(Buffer.from(cluster), 1_000)
    const broken = new Uint8Array(bytes)
    broken.fill(0, second, bytes.byteLength)
    const inspections = await inspectClips([broken, broken.subarray(0, second + 500)])
    expect(inspections).toHaveLength(2)
  })

  test('is read to an end where a flac is cut off inside its header', async () => {
    const bytes = fixture('austen-0880.flac')
    const heads = [43, 100, 2_840, 5_000, 8_200, 8_300].map(length => bytes.subarray(0, length))
    expect(await inspectClips(heads)).toEqual(heads.map(() => unreadable('truncated')))
  })
})
