import * as z from 'zod'
import { FetchError, textOf } from '../allowed-fetch.ts'
import { longestPlaylistBytes } from '../hls/playlist.ts'
import type { RetriedFetch } from '../retried-fetch.ts'
import { longestAnswerBytes, parseAnswer } from './api.ts'

export interface PublicPlaybackOptions {
  readonly gqlUrl: string
  readonly usherUrl: string
  /** The client id that public players give. */
  readonly clientId: string
  readonly requestTimeoutMs: number
}

export interface PlaylistText {
  readonly text: string
  /** What its relative addresses are relative to. */
  readonly url: URL
}

const query = `query PlaybackAccessToken($vodID: ID!, $playerType: String!) {
  videoPlaybackAccessToken(
    id: $vodID
    params: { platform: "web", playerBackend: "mediaplayer", playerType: $playerType }
  ) {
    value
    signature
  }
}`

const accessSchema = z.object({
  data: z.object({
    videoPlaybackAccessToken: z.object({ value: z.string().min(1), signature: z.string().min(1) }).nullable(),
  }),
})
type Access = z.infer<typeof accessSchema>['data']['videoPlaybackAccessToken']

/**
 * The way a public player comes to a recording's playlists: an access token by GraphQL, then "usher".
 * Twitch documents none of it and may change it; nothing else here knows of it.
 * @see https://github.com/streamlink/streamlink/blob/master/src/streamlink/plugins/twitch.py
 * @see https://github.com/lay295/TwitchDownloader/blob/master/TwitchDownloaderCore/TwitchHelper.cs
 */
export class PublicPlayback {
  readonly #fetch: RetriedFetch
  readonly #options: PublicPlaybackOptions

  constructor(fetch: RetriedFetch, options: PublicPlaybackOptions) {
    this.#fetch = fetch
    this.#options = options
  }

  /** The master playlist; undefined where the recording is for subscribers only, or gone. */
  async masterPlaylist(videoId: string, signal: AbortSignal): Promise<PlaylistText | undefined> {
    const access = await this.#access(videoId, signal)
    if (access === null) return undefined
    const parameters = new URLSearchParams({
      nauth: access.value,
      nauthsig: access.signature,
      allow_source: 'true',
      allow_audio_only: 'true',
      platform: 'web',
    })
    const path = `/vod/v2/${encodeURIComponent(videoId)}.m3u8`
    return this.playlist(`${this.#options.usherUrl}${path}?${parameters}`, signal)
  }

  /** A playlist's text; undefined where it is not to be had: subscribers only (403), or gone (404, 410). */
  async playlist(address: string | URL, signal: AbortSignal): Promise<PlaylistText | undefined> {
    const answer = await this.#fetch.send(address, {
      timeoutMs: this.#options.requestTimeoutMs,
      maxBytes: longestPlaylistBytes,
      signal,
    })
    const { status, url } = answer
    if (status === 200) return { text: textOf(answer), url }
    if (status === 403 || status === 404 || status === 410) return undefined
    throw new FetchError(this.#fetch.vendor, 'status', { status })
  }

  async #access(videoId: string, signal: AbortSignal): Promise<Access> {
    const { gqlUrl, clientId, requestTimeoutMs } = this.#options
    const answer = await this.#fetch.send(gqlUrl, {
      method: 'POST',
      headers: { 'client-id': clientId, 'content-type': 'application/json' },
      body: JSON.stringify({
        operationName: 'PlaybackAccessToken',
        query,
        variables: { vodID: videoId, playerType: 'site' },
      }),
      timeoutMs: requestTimeoutMs,
      maxBytes: longestAnswerBytes,
      signal,
    })
    return parseAnswer(accessSchema, answer).data.videoPlaybackAccessToken
  }
}
