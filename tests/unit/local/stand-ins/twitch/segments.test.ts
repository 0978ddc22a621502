import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny'
import { describe, expect, test } from 'vitest'
import { mp4Init, mp4Segment, tsSegment } from '../../../../../local/stand-ins/twitch/segments.ts'
import { createSounds, FRAME_SECONDS } from '../../../../../local/stand-ins/twitch/sound.ts'

const soundOf = createSounds()

async function timesOf(bytes: Uint8Array): Promise<number[]> {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) })
  const track = await input.getPrimaryAudioTrack()
  if (!track) throw new Error('There is no sound.')
  const times: number[] = []
  for await (const packet of new EncodedPacketSink(track).packets()) times.push(packet.timestamp)
  return times
}

const makers = [
  ['MPEG-TS', async (from: number, to: number) => tsSegment(await soundOf('speech'), from, to)],
  [
    'fragmented MP4',
    async (from: number, to: number) => {
      const loop = await soundOf('speech')
      return Buffer.concat([await mp4Init(loop), await mp4Segment(loop, from, to)])
    },
  ],
] as const

test('a sound is repeated every 16 seconds', async () => {
  for (const name of ['speech', 'silence'] as const) {
    const { frames } = await soundOf(name)
    expect(frames.length * FRAME_SECONDS).toBeCloseTo(16, 6)
  }
})

describe.each(makers)('a piece in %s', (_name, make) => {
  test('has the time stamps of the recording, three hours in', async () => {
    const times = await timesOf(await make(10_790, 10_800))
    expect(times[0]).toBeCloseTo(10_790, 1)
    expect(times.at(-1)).toBeCloseTo(10_800, 1)
  })

  test('goes on where the one before ends', async () => {
    const times = [...(await timesOf(await make(20, 30))), ...(await timesOf(await make(30, 40)))]
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    for (const step of steps) expect(step).toBeCloseTo(FRAME_SECONDS, 3)
    expect(times.length * FRAME_SECONDS).toBeCloseTo(20, 1)
  })
})
