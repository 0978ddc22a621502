import type { MediaSegment } from '../hls/playlist.ts'
import type { Archive } from './helix.ts'

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** How Twitch names a segment that it has muted: `12-muted.ts`, or `12-unmuted.ts` in the other playlist. */
const mutedName = /-(?:un)?muted(?=\.\w+$)/

/**
 * Where the segment can be had. A muted one's original still stands in some playlists, and is answered 403;
 * the muted one beside it is silent and as long.
 * @see https://github.com/yt-dlp/yt-dlp/issues/819
 */
export const withPublicName = (segment: MediaSegment): MediaSegment => {
  const url = new URL(segment.url)
  url.pathname = url.pathname.replace(mutedName, '-muted')
  return { ...segment, url }
}

/** How much of these segments is muted, by their names or by what Helix says of the recording. */
export const mutedMs = (segments: readonly MediaSegment[], muted: Archive['muted_segments']): number => {
  const windowFromMs = segments[0]?.fromMs ?? 0
  const windowToMs = segments.at(-1)?.toMs ?? 0
  const byName: readonly Span[] = segments.filter(({ url }) => mutedName.test(url.pathname))
  const byHelix = (muted ?? []).map(({ offset, duration }) => ({
    fromMs: offset * 1_000,
    toMs: (offset + duration) * 1_000,
  }))
  let coveredToMs = windowFromMs
  let totalMs = 0
  for (const span of [...byName, ...byHelix].sort((one, other) => one.fromMs - other.fromMs)) {
    const fromMs = Math.max(span.fromMs, coveredToMs)
    const toMs = Math.min(span.toMs, windowToMs)
    if (toMs <= fromMs) continue
    totalMs += toMs - fromMs
    coveredToMs = toMs
  }
  return Math.round(totalMs)
}
