import * as z from 'zod'
import type { Channel } from './channels.ts'
import {
  ARCHIVE_SEGMENT_SECONDS,
  type ArchiveSegment,
  hasEnded,
  type Recording,
  segmentsOf,
} from './recordings.ts'

/** A rendition as master playlists name it. Whatever its name, it is sound alone here. */
interface Rendition {
  id: string
  name: string
  bandwidth: number
  codecs: string
  /** None for sound alone. */
  resolution?: string
  frameRate?: string
}

const audioOnly = 'audio_only'

export const renditions: readonly Rendition[] = [
  {
    id: 'chunked',
    name: '1080p60',
    bandwidth: 8_534_030,
    codecs: 'avc1.64002A,mp4a.40.2',
    resolution: '1920x1080',
    frameRate: '59.999',
  },
  {
    id: '480p30',
    name: '480p',
    bandwidth: 1_427_999,
    codecs: 'avc1.4D401F,mp4a.40.2',
    resolution: '852x480',
    frameRate: '30.000',
  },
  {
    id: '160p30',
    name: '160p',
    bandwidth: 288_409,
    codecs: 'avc1.4D400C,mp4a.40.2',
    resolution: '284x160',
    frameRate: '30.000',
  },
  { id: audioOnly, name: audioOnly, bandwidth: 220_328, codecs: 'mp4a.40.2' },
]

/** A rendition's id in an address. */
export const renditionId = z.enum(renditions.map(({ id }) => id))

/** The media type of playlists, as Twitch sends it. */
export const playlistType = 'application/vnd.apple.mpegurl'

/**
 * The two shapes of usher's master playlists. Version 1 names each rendition in an `EXT-X-MEDIA` of its own; version 2
 * has none, and names them by `STABLE-VARIANT-ID` and `IVS-NAME` in `EXT-X-STREAM-INF`
 * (https://github.com/streamlink/streamlink/pull/6847).
 */
export type UsherVersion = 1 | 2

export interface MasterOptions {
  version: UsherVersion
  allowAudioOnly: boolean
  /** Where a rendition's own playlist is. */
  urlOf(renditionId: string): string
}

export function masterPlaylist(channel: Channel, { version, allowAudioOnly, urlOf }: MasterOptions): string {
  const hasAudioOnly = allowAudioOnly && channel.lacksAudioOnly !== true
  const listed = renditions.filter(({ id }) => id !== audioOnly || hasAudioOnly)
  const toLines = version === 1 ? linesOfVersion1 : linesOfVersion2
  const info =
    version === 1
      ? '#EXT-X-TWITCH-INFO:ORIGIN="s3",B="false",REGION="EU",CLUSTER="cloudfront_vod"'
      : '#EXT-X-SESSION-DATA:DATA-ID="ORIGIN",VALUE="s3"'
  return lines([
    '#EXTM3U',
    info,
    ...listed.flatMap(rendition => [...toLines(rendition), urlOf(rendition.id)]),
  ])
}

function linesOfVersion1(rendition: Rendition): string[] {
  const isSelected = rendition.id === audioOnly ? 'NO' : 'YES'
  return [
    `#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="${rendition.id}",NAME="${rendition.name}",AUTOSELECT=${isSelected},DEFAULT=${isSelected}`,
    `#EXT-X-STREAM-INF:${streamAttributes(rendition)},VIDEO="${rendition.id}"`,
  ]
}

function linesOfVersion2(rendition: Rendition): string[] {
  const source = rendition.id === 'chunked' ? 'source' : 'transcode'
  const names = `STABLE-VARIANT-ID="${rendition.id}",IVS-NAME="${rendition.name}",IVS-VARIANT-SOURCE="${source}"`
  return [`#EXT-X-STREAM-INF:${streamAttributes(rendition)},${names}`]
}

function streamAttributes({ bandwidth, codecs, resolution, frameRate }: Rendition): string {
  const video = resolution === undefined ? '' : `,RESOLUTION=${resolution},FRAME-RATE=${frameRate}`
  return `BANDWIDTH=${bandwidth},CODECS="${codecs}"${video}`
}

/** The file in which a piece of a recording is to be had; of a muted one there is no other. */
export function segmentFile({ container }: Channel, { index, isMuted }: ArchiveSegment): string {
  return `${index}${isMuted ? '-muted' : ''}.${container ?? 'ts'}`
}

/** The file that the playlist names. */
function namedFile(channel: Channel, segment: ArchiveSegment): string {
  const file = segmentFile(channel, segment)
  return channel.namesUnmuted === true ? file.replace('-muted', '-unmuted') : file
}

/** The beginning that a recording's fragments of MP4 have in common. */
export const initFile = 'init-0.mp4'

/** A recording's own playlist: it names every piece, and ends with `EXT-X-ENDLIST` once the recording has. */
export function archivePlaylist(recording: Recording, nowMs: number): string {
  const { channel, startedAtMs } = recording
  const segments = segmentsOf(recording, nowMs)
  const isMp4 = channel.container === 'mp4'
  return lines([
    '#EXTM3U',
    `#EXT-X-VERSION:${isMp4 ? 6 : 3}`,
    `#EXT-X-TARGETDURATION:${ARCHIVE_SEGMENT_SECONDS}`,
    `#ID3-EQUIV-TDTG:${new Date(startedAtMs).toISOString().slice(0, 19)}`,
    '#EXT-X-PLAYLIST-TYPE:EVENT',
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-TWITCH-ELAPSED-SECS:0.000',
    `#EXT-X-TWITCH-TOTAL-SECS:${(segments.at(-1)?.endSeconds ?? 0).toFixed(3)}`,
    ...(isMp4 ? [`#EXT-X-MAP:URI="${initFile}"`] : []),
    ...segments.flatMap(segment => [
      `#EXTINF:${(segment.endSeconds - segment.startSeconds).toFixed(3)},`,
      namedFile(channel, segment),
    ]),
    ...(hasEnded(recording, nowMs) ? ['#EXT-X-ENDLIST'] : []),
  ])
}

const liveSegmentSeconds = 2
const liveWindow = 15

/** A piece of what is on air, by its number since the stream's start. */
export function liveSegment(index: number): { startSeconds: number; endSeconds: number } {
  return { startSeconds: index * liveSegmentSeconds, endSeconds: (index + 1) * liveSegmentSeconds }
}

/** The numbers of the pieces that are on air: the last half minute. */
export function liveSegments(startedAtMs: number, nowMs: number): number[] {
  const end = Math.floor((nowMs - startedAtMs) / 1_000 / liveSegmentSeconds)
  const first = Math.max(0, end - liveWindow)
  return Array.from({ length: end - first }, (_, offset) => first + offset)
}

/** The playlist of what is on air. */
export function livePlaylist(startedAtMs: number, nowMs: number): string {
  const onAir = liveSegments(startedAtMs, nowMs)
  const timeOf = (index: number) =>
    new Date(startedAtMs + liveSegment(index).startSeconds * 1_000).toISOString()
  return lines([
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    `#EXT-X-TARGETDURATION:${liveSegmentSeconds}`,
    `#EXT-X-MEDIA-SEQUENCE:${onAir[0] ?? 0}`,
    ...onAir.flatMap(index => [
      `#EXT-X-PROGRAM-DATE-TIME:${timeOf(index)}`,
      `#EXTINF:${liveSegmentSeconds.toFixed(3)},live`,
      `${index}.ts`,
    ]),
  ])
}

function lines(content: string[]): string {
  return `${content.join('\n')}\n`
}
