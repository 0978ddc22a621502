import {
  BufferTarget,
  CmafOutputFormat,
  EncodedAudioPacketSource,
  EncodedPacket,
  MpegTsOutputFormat,
  Output,
  type OutputOptions,
} from 'mediabunny'
import { FRAME_SECONDS, type Loop } from './sound.ts'

/**
 * The sound from one time to another as MPEG-TS, with the time stamps that it has in the recording. Neighbours
 * share no frame and leave none out, so that they can be put one after the other.
 */
export async function tsSegment(loop: Loop, startSeconds: number, endSeconds: number): Promise<Uint8Array> {
  const target = new BufferTarget()
  await mux({ format: new MpegTsOutputFormat(), target }, loop, startSeconds, endSeconds)
  return bytesOf(target)
}

/** The beginning of every fragmented MP4 of this sound (ISO BMFF's initialisation segment). */
export async function mp4Init(loop: Loop): Promise<Uint8Array> {
  const initTarget = new BufferTarget()
  const target = new BufferTarget()
  await mux({ format: new CmafOutputFormat(), target, initTarget }, loop, 0, FRAME_SECONDS)
  return bytesOf(initTarget)
}

/**
 * As {@link tsSegment}, in a fragment of MP4: `moof` and `mdat` alone. The `sidx` that the library puts before them
 * is left out, because the ffmpeg of 2018 in @ffmpeg-installer takes its time scale for the track's.
 */
export async function mp4Segment(loop: Loop, startSeconds: number, endSeconds: number): Promise<Uint8Array> {
  const boxes: Uint8Array[] = []
  const keep = (box: Uint8Array) => {
    boxes.push(box.slice())
  }
  const format = new CmafOutputFormat({ onMoof: keep, onMdat: keep })
  const options = { format, target: new BufferTarget(), initTarget: new BufferTarget() }
  await mux(options, loop, startSeconds, endSeconds)
  return Buffer.concat(boxes)
}

async function mux(
  options: OutputOptions,
  { frames, decoderConfig }: Loop,
  startSeconds: number,
  endSeconds: number,
): Promise<void> {
  const output = new Output(options)
  const source = new EncodedAudioPacketSource('aac')
  output.addAudioTrack(source)
  await output.start()
  const end = frameAt(endSeconds)
  for (let number = frameAt(startSeconds); number < end; number += 1) {
    const frame = frames[number % frames.length] ?? new Uint8Array()
    const packet = new EncodedPacket(frame, 'key', number * FRAME_SECONDS, FRAME_SECONDS)
    await source.add(packet, { decoderConfig })
  }
  await output.finalize()
}

/** The number of the first frame that begins at this time or later. */
function frameAt(seconds: number): number {
  return Math.ceil(seconds / FRAME_SECONDS)
}

function bytesOf({ buffer }: BufferTarget): Uint8Array {
  if (buffer === null) throw new Error('Nothing was muxed.')
  return new Uint8Array(buffer)
}
