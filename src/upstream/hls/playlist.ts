import { parse, setOptions, type types } from 'hls-parser'

/** The playlist of one rendition, and the bandwidth that it is said to need. */
export interface Rendition {
  readonly url: URL
  readonly bitsPerSecond: number
}

/** Positions are milliseconds from the playlist's start. */
export interface MediaSegment {
  readonly url: URL
  /** What must stand before it, where it is a fragment of an MP4 file. */
  readonly initUrl: URL | undefined
  readonly fromMs: number
  readonly toMs: number
}

const parseText = (text: string): types.MasterPlaylist | types.MediaPlaylist | undefined => {
  // It would print on the console what it finds wrong.
  setOptions({ silent: true })
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

const audioOnly = 'audio_only'

const isAudioOnly = ({ stableVariantId, video }: types.Variant): boolean =>
  stableVariantId === audioOnly || video.some(({ groupId }) => groupId === audioOnly)

/** The rendition that is sound alone, or else the one with the lowest bandwidth; undefined for what is no master playlist. */
export const findAudioRendition = (text: string, base: URL): Rendition | undefined => {
  const playlist = parseText(text)
  if (!playlist?.isMasterPlaylist) return undefined
  const variants = playlist.variants
    .filter(variant => !variant.isIFrameOnly)
    .sort((one, other) => one.bandwidth - other.bandwidth)
  const variant = variants.find(isAudioOnly) ?? variants[0]
  if (variant === undefined) return undefined
  const separateSound = variant.audio.find(({ uri }) => uri !== undefined)
  const url = URL.parse(separateSound?.uri ?? variant.uri, base.href)
  return url === null ? undefined : { url, bitsPerSecond: variant.averageBandwidth ?? variant.bandwidth }
}

/** Encrypted segments, pieces of a file and gaps: concatenated, they would be no sound, or sound out of its time. */
const isPlain = ({ key, byterange, gap, map }: types.Segment): boolean =>
  (key?.method ?? 'NONE') === 'NONE' && byterange === undefined && !gap && map?.byterange === undefined

/** A media playlist's segments; undefined for what is none, or has segments that can't be simply concatenated. */
export const parseSegments = (text: string, base: URL): readonly MediaSegment[] | undefined => {
  const playlist = parseText(text)
  if (playlist === undefined || playlist.isMasterPlaylist || !playlist.segments.every(isPlain))
    return undefined
  const segments: MediaSegment[] = []
  let seconds = 0
  for (const { uri, map, duration } of playlist.segments) {
    const url = URL.parse(uri, base.href)
    const initUrl = map ? URL.parse(map.uri, base.href) : undefined
    if (url === null || initUrl === null) return undefined
    const fromMs = Math.round(seconds * 1_000)
    seconds += duration
    segments.push({ url, initUrl, fromMs, toMs: Math.round(seconds * 1_000) })
  }
  return segments
}

/** The whole segments at the end that together are no longer than this. */
export const lastSegments = (
  segments: readonly MediaSegment[],
  longestMs: number,
): readonly MediaSegment[] => {
  const endMs = segments.at(-1)?.toMs ?? 0
  return segments.filter(({ fromMs }) => endMs - fromMs <= longestMs)
}
