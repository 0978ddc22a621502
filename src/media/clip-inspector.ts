import {
  BufferSource,
  CustomSource,
  EncodedPacketSink,
  FLAC,
  Input,
  type InputAudioTrack,
  MP3,
  MP4,
  OGG,
  type Source,
  WAVE,
  WEBM,
} from 'mediabunny'
import type { ClipInspection, ClipInspector } from '../domain/ports.ts'

const formats = [WAVE, MP3, MP4, WEBM, OGG, FLAC]

/** AssemblyAI refuses less than this. */
const shortestMs = 160
/** Headers count an encoder's padding; a clip that is cut off misses more than this. */
const toleranceSeconds = 0.25

const unreadable = (problem: 'empty' | 'not_audio' | 'truncated' | 'too_short'): ClipInspection => ({
  kind: 'unreadable',
  problem,
})

/**
 * Reads what a clip is and how long it really is, from its bytes and by its packets, without a binary. A header
 * that is missing (as in a browser's recordings) costs nothing; one that announces more than there is means that
 * the clip was cut off. A recording with no length in its header, cut off, can't be told from a shorter one.
 */
export const clipInspector: ClipInspector = {
  async inspect(bytes: Uint8Array): Promise<ClipInspection> {
    if (bytes.byteLength === 0) return unreadable('empty')
    const input = new Input({ formats, source: sourceOf(bytes) })
    try {
      if (!(await input.canRead())) return unreadable('not_audio')
      return await inspectReadable(input, bytes)
    } catch {
      return unreadable('truncated')
    } finally {
      input.dispose()
    }
  },
}

/** What every WebM begins with: the id of an EBML header (RFC 8794). */
const ebmlHeader = 0x1a45_dfa3
/** A whole clip has the same bytes read three times. */
const mostReadsOfOneRange = 1_000

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/**
 * mediabunny 1.61 reads the last bytes of a damaged WebM again and again, looking for the next cluster, without ever
 * giving way to a timer; so those are handed out by a source that ends it. The other formats need none: it would make
 * a long mp3 take thirty times as long.
 */
const sourceOf = (bytes: Uint8Array): Source => {
  if (bytes.byteLength < 4 || viewOf(bytes).getUint32(0) !== ebmlHeader) return new BufferSource(bytes)
  const reads = new Map<string, number>()
  const read = (start: number, end: number): Uint8Array => {
    const range = `${start}-${end}`
    const count = (reads.get(range) ?? 0) + 1
    reads.set(range, count)
    if (count > mostReadsOfOneRange) throw new Error('The clip is damaged: its reader does not get on.')
    return bytes.subarray(start, end)
  }
  return new CustomSource({ getSize: () => bytes.byteLength, read, maxCacheSize: 0 })
}

const inspectReadable = async (input: Input, bytes: Uint8Array): Promise<ClipInspection> => {
  const format = await input.getFormat()
  const track = await input.getPrimaryAudioTrack()
  if (!track) return unreadable((await input.getTracks()).length > 0 ? 'not_audio' : 'truncated')
  const { startSeconds, endSeconds } = await spanOf(track)
  if (format === WAVE && riffIsCutOff(bytes)) return unreadable('truncated')
  if ((await announcedSeconds(input, track)) > endSeconds + toleranceSeconds) return unreadable('truncated')
  const durationMs = Math.round((endSeconds - startSeconds) * 1_000)
  if (durationMs < shortestMs) return unreadable('too_short')
  return { kind: 'audio', format: format.name, durationMs }
}

/**
 * From the first sound to the end of the last. What was cut out of a longer recording may begin long after 0, and an
 * encoder's padding before it. mediabunny 1.61 searches without end for the last packet of FLAC that has none, so
 * the first one is asked for before.
 */
const spanOf = async (track: InputAudioTrack): Promise<{ startSeconds: number; endSeconds: number }> => {
  const first = await new EncodedPacketSink(track).getFirstPacket({ metadataOnly: true })
  if (!first) return { startSeconds: 0, endSeconds: 0 }
  return { startSeconds: Math.max(0, first.timestamp), endSeconds: await track.computeDuration() }
}

const announcedSeconds = async (input: Input, track: InputAudioTrack): Promise<number> =>
  (await input.getDurationFromMetadata([track])) ?? 0

const riffHeaderBytes = 8
/** Writers that can't seek back leave the size at its greatest. */
const unknownRiffSize = 0xffff_ffff
const paddingBytes = 1_024

/** Whether a RIFF header announces more bytes than there are (the reader trims the length to what is there). */
const riffIsCutOff = (bytes: Uint8Array): boolean => {
  const announced = viewOf(bytes).getUint32(4, true)
  return announced !== unknownRiffSize && announced + riffHeaderBytes > bytes.byteLength + paddingBytes
}
