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

/** 48 hours in segments of ten seconds, the longest that Twitch records, have a third of it. */
export const longestPlaylistBytes = 1_500_000
/** Each segment takes two or three; each line becomes objects of most of a kilobyte. */
const mostLines = 75_000
/** Twitch's have thirty. Every rendition is compared with every line. */
const mostMasterLines = 300

const hasMoreLines = (text: string, most: number): boolean => {
  let lines = 0
  for (let at = text.indexOf('\n'); at !== -1 && lines <= most; at = text.indexOf('\n', at + 1)) lines += 1
  return lines > most
}

/** Undefined for what is no playlist, or has more lines than this: parsed, they would fill the memory. */
const parseText = (text: string, most: number): types.MasterPlaylist | types.MediaPlaylist | undefined => {
  if (hasMoreLines(text, most)) return undefined
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
  const playlist = parseText(text, mostMasterLines)
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

/**
 * Whether the first segment is the recording's first. One that has lost its beginning numbers its segments from
 * there, or says that it skips some, and nothing in it tells how long they were: every position would be wrong.
 */
const isFromStart = ({ mediaSequenceBase = 0, skip, segments }: types.MediaPlaylist): boolean =>
  mediaSequenceBase === 0 && skip === 0 && segments.every(({ duration }) => duration >= 0)

interface Placed {
  readonly segment: types.Segment
  readonly fromMs: number
  readonly toMs: number
}

const placeLast = (segments: readonly types.Segment[], longestMs: number): readonly Placed[] => {
  let seconds = 0
  const placed = segments.map(segment => {
    const fromMs = Math.round(seconds * 1_000)
    seconds += segment.duration
    return { segment, fromMs, toMs: Math.round(seconds * 1_000) }
  })
  const endMs = placed.at(-1)?.toMs ?? 0
  return placed.filter(({ fromMs }) => endMs - fromMs <= longestMs)
}

const toMediaSegment = (
  { segment: { uri, map }, fromMs, toMs }: Placed,
  base: URL,
): MediaSegment | undefined => {
  const url = URL.parse(uri, base.href)
  const initUrl = map ? URL.parse(map.uri, base.href) : undefined
  return url === null || initUrl === null ? undefined : { url, initUrl, fromMs, toMs }
}

/**
 * The whole segments at a media playlist's end that together are no longer than this. Undefined where the text is
 * no such playlist, or not from its start; where these segments can't be simply concatenated; and where they last
 * no time at all. What stands before them may be as it likes.
 */
export const lastSegments = (
  text: string,
  base: URL,
  longestMs: number,
): readonly MediaSegment[] | undefined => {
  const playlist = parseText(text, mostLines)
  if (playlist === undefined || playlist.isMasterPlaylist || !isFromStart(playlist)) return undefined
  const placed = placeLast(playlist.segments, longestMs)
  if (!placed.every(({ segment }) => isPlain(segment))) return undefined
  const segments = placed.map(each => toMediaSegment(each, base)).filter(segment => segment !== undefined)
  const lengthMs = (segments.at(-1)?.toMs ?? 0) - (segments[0]?.fromMs ?? 0)
  return segments.length === placed.length && lengthMs > 0 ? segments : undefined
}
