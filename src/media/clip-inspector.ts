import { BufferSource, FLAC, Input, type InputAudioTrack, MP3, MP4, OGG, WAVE, WEBM } from 'mediabunny'
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
    const input = new Input({ formats, source: new BufferSource(bytes) })
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

const inspectReadable = async (input: Input, bytes: Uint8Array): Promise<ClipInspection> => {
  const format = await input.getFormat()
  const track = await input.getPrimaryAudioTrack()
  if (!track) return unreadable((await input.getTracks()).length > 0 ? 'not_audio' : 'truncated')
  const seconds = await track.computeDuration()
  if (format === WAVE && riffIsCutOff(bytes)) return unreadable('truncated')
  if ((await announcedSeconds(input, track)) > seconds + toleranceSeconds) return unreadable('truncated')
  const durationMs = Math.round(seconds * 1_000)
  if (durationMs < shortestMs) return unreadable('too_short')
  return { kind: 'audio', format: format.name, durationMs }
}

const announcedSeconds = async (input: Input, track: InputAudioTrack): Promise<number> =>
  (await input.getDurationFromMetadata([track])) ?? 0

const riffHeaderBytes = 8
/** Writers that can't seek back leave the size at its greatest. */
const unknownRiffSize = 0xffff_ffff
const paddingBytes = 1_024

/** Whether a RIFF header announces more bytes than there are (the reader trims the length to what is there). */
const riffIsCutOff = (bytes: Uint8Array): boolean => {
  const announced = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true)
  return announced !== unknownRiffSize && announced + riffHeaderBytes > bytes.byteLength + paddingBytes
}
