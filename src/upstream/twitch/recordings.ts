import type {
  ChannelRecordings,
  ChannelRefusal,
  Clock,
  FoundRecording,
  RecordingWindow,
} from '../../domain/ports.ts'
import { AllowedFetch } from '../allowed-fetch.ts'
import { findAudioRendition, lastSegments, type MediaSegment } from '../hls/playlist.ts'
import { type AudioLimits, SegmentsAudio } from '../hls/segments-audio.ts'
import { RetriedFetch } from '../retried-fetch.ts'
import { vendor } from './api.ts'
import { AppTokens } from './app-tokens.ts'
import { type Archive, Helix } from './helix.ts'
import { twitchMediaHosts } from './media-hosts.ts'
import { mutedMs, withPublicName } from './muted.ts'
import { PublicPlayback } from './public-playback.ts'

export interface TwitchLimits extends AudioLimits {
  /** For one try of one request that is not a segment's. */
  readonly requestTimeoutMs: number
  /** For all that finding a recording takes. */
  readonly findTimeoutMs: number
  /** Tries of a request after the first. */
  readonly retries: number
}

export interface TwitchOptions {
  readonly clientId: string
  readonly clientSecret: string
  /** The client id that public players give: Twitch hands playlists to no other. */
  readonly playbackClientId: string
  /** Twitch's own addresses without them. */
  readonly authUrl?: string | undefined
  readonly apiUrl?: string | undefined
  readonly gqlUrl?: string | undefined
  readonly usherUrl?: string | undefined
  /** The hosts that playlists and segments may come from: `twitchMediaHosts` without it. */
  readonly mediaHosts?: readonly string[] | undefined
  readonly now: Clock
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly limits?: Partial<TwitchLimits>
}

const defaultLimits: TwitchLimits = {
  concurrency: 4,
  segmentTimeoutMs: 15_000,
  // Of the 256 MB that the function has.
  bytesInFlight: 24_000_000,
  // Ten seconds of a source at 12 Mbit/s; sound alone has a fiftieth of it.
  segmentBytes: 16_000_000,
  // AssemblyAI takes 2.2 GB.
  totalBytes: 2_000_000_000,
  requestTimeoutMs: 5_000,
  findTimeoutMs: 60_000,
  retries: 2,
}

/** Archives that are tried before the channel is given up. */
const mostTried = 5

const loginPattern = /^[a-z0-9_]{2,25}$/

/** An archive's last segments, and the bandwidth that they are said to need. */
interface Stretch {
  readonly segments: readonly MediaSegment[]
  readonly bitsPerSecond: number
}

const refused = (refusal: ChannelRefusal): FoundRecording => ({ found: false, refusal })

/** Channels' recordings on Twitch: found by Helix, played as the public players do. */
export class TwitchRecordings implements ChannelRecordings {
  readonly #limits: TwitchLimits
  readonly #fetch: RetriedFetch
  readonly #helix: Helix
  readonly #playback: PublicPlayback

  constructor(options: TwitchOptions) {
    const {
      clientId,
      clientSecret,
      playbackClientId,
      authUrl = 'https://id.twitch.tv',
      apiUrl = 'https://api.twitch.tv/helix',
      gqlUrl = 'https://gql.twitch.tv/gql',
      usherUrl = 'https://usher.ttvnw.net',
      mediaHosts = twitchMediaHosts,
      now,
      sleep,
    } = options
    this.#limits = { ...defaultLimits, ...options.limits }
    const { requestTimeoutMs, retries } = this.#limits
    const origins = [authUrl, apiUrl, gqlUrl, usherUrl].map(address => new URL(address).origin)
    this.#fetch = new RetriedFetch(new AllowedFetch(vendor, [...origins, ...mediaHosts]), { retries, sleep })
    const tokens = new AppTokens(this.#fetch, { authUrl, clientId, clientSecret, requestTimeoutMs, now })
    this.#helix = new Helix(this.#fetch, tokens, { apiUrl, clientId, requestTimeoutMs, now })
    this.#playback = new PublicPlayback(this.#fetch, {
      gqlUrl,
      usherUrl,
      clientId: playbackClientId,
      requestTimeoutMs,
    })
  }

  async findLast(channel: string, minutes: number): Promise<FoundRecording> {
    if (!loginPattern.test(channel)) return refused('channel_not_found')
    return this.#find(channel, minutes * 60_000, AbortSignal.timeout(this.#limits.findTimeoutMs))
  }

  async #find(channel: string, longestMs: number, signal: AbortSignal): Promise<FoundRecording> {
    const userId = await this.#helix.userId(channel, signal)
    if (userId === undefined) return refused('channel_not_found')
    const [streamId, archives] = await Promise.all([
      this.#helix.liveStreamId(channel, signal),
      this.#helix.archives(userId, signal),
    ])
    if (streamId === undefined) return refused('channel_offline')
    if (archives.length === 0) return refused('no_recording')
    const isLive = ({ stream_id }: Archive): boolean => stream_id === streamId
    const liveFirst = archives.toSorted((one, other) => Number(isLive(other)) - Number(isLive(one)))
    for (const archive of liveFirst.slice(0, mostTried)) {
      const stretch = await this.#lastOf(archive, longestMs, signal)
      if (stretch !== undefined) return this.#found(channel, archive, isLive(archive), stretch)
    }
    return refused('recording_unavailable')
  }

  /** Undefined where the archive has no playlist that we may, or can, read. */
  async #lastOf(archive: Archive, longestMs: number, signal: AbortSignal): Promise<Stretch | undefined> {
    const master = await this.#playback.masterPlaylist(archive.id, signal)
    const rendition = master && findAudioRendition(master.text, master.url)
    const media = rendition && (await this.#playback.playlist(rendition.url, signal))
    const segments = media && lastSegments(media.text, media.url, longestMs)
    return segments && rendition && { segments, bitsPerSecond: rendition.bitsPerSecond }
  }

  #found(
    channel: string,
    archive: Archive,
    isLive: boolean,
    { segments, bitsPerSecond }: Stretch,
  ): FoundRecording {
    const window: RecordingWindow = {
      channel,
      recordingId: archive.id,
      recordedAt: archive.created_at,
      isLive,
      fromMs: segments[0]?.fromMs ?? 0,
      toMs: segments.at(-1)?.toMs ?? 0,
      mutedMs: mutedMs(segments, archive.muted_segments),
    }
    const lengthMs = window.toMs - window.fromMs
    if (window.mutedMs >= lengthMs) return refused('recording_muted')
    if ((lengthMs / 1_000) * (bitsPerSecond / 8) > this.#limits.totalBytes)
      return refused('recording_too_large')
    return {
      found: true,
      window,
      audio: new SegmentsAudio(this.#fetch, segments.map(withPublicName), bitsPerSecond, this.#limits),
    }
  }
}
