import type { ServerResponse } from 'node:http'
import type { FoundRecording } from '../../src/domain/ports.ts'
import { type TwitchOptions, TwitchRecordings } from '../../src/upstream/twitch/recordings.ts'
import { answer, type Route, type RouteRequest, type RouteServer } from './route-server.ts'

/** One recording, as Helix tells of it and as its media playlist says. */
export interface Recording {
  readonly id: string
  readonly streamId?: string | null
  readonly createdAt?: string
  readonly muted?: readonly { readonly offset: number; readonly duration: number }[] | null
  /** The names of its segments, of ten seconds each; what answers for its playlist, where it has none. */
  readonly segments?: readonly string[] | Route
}

export interface Channel {
  readonly login: string
  /** True where it is not said. */
  readonly isOnAir?: boolean
  readonly liveStreamId?: string
  readonly recordings: readonly Recording[]
}

export const names = (count: number, name = (index: number) => `${index}.ts`): readonly string[] =>
  Array.from({ length: count }, (_, index) => name(index))

const mediaPlaylist = (segments: readonly string[]): string =>
  ['#EXTM3U', '#EXT-X-TARGETDURATION:10', ...segments.flatMap(name => ['#EXTINF:10.000,', name]), ''].join(
    '\n',
  )

const masterPlaylist = (id: string): string =>
  [
    '#EXTM3U',
    '#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="chunked",NAME="1080p60"',
    '#EXT-X-STREAM-INF:BANDWIDTH=8000000,VIDEO="chunked"',
    `/cdn/${id}/chunked/index-dvr.m3u8`,
    '#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="audio_only",NAME="Audio Only"',
    '#EXT-X-STREAM-INF:BANDWIDTH=200000,VIDEO="audio_only"',
    `/cdn/${id}/audio_only/index-dvr.m3u8`,
    '',
  ].join('\n')

const helix =
  (data: (query: URLSearchParams) => readonly object[]): Route =>
  (request, response) => {
    const isKnown =
      request.headers.authorization === 'Bearer token-1' && request.headers['client-id'] === 'client'
    answer(isKnown ? { data: data(request.url.searchParams) } : { status: 401 }, isKnown ? 200 : 401)(
      request,
      response,
    )
  }

const gql = (request: RouteRequest, response: ServerResponse): void => {
  const { vodID } = JSON.parse(request.body).variables
  const isPlayer = request.headers['client-id'] === 'player'
  answer(
    { data: { videoPlaybackAccessToken: { value: `{"vod_id":${vodID}}`, signature: `signed-${vodID}` } } },
    isPlayer ? 200 : 400,
  )(request, response)
}

const signed =
  (id: string, route: Route): Route =>
  (request, response) => {
    const { searchParams } = request.url
    const isSigned =
      searchParams.get('nauth') === `{"vod_id":${id}}` && searchParams.get('nauthsig') === `signed-${id}`
    ;(isSigned ? route : answer('', 403))(request, response)
  }

/** Has the server play Twitch with one channel. Every route can be replaced afterwards. */
export const playTwitch = (
  { routes }: RouteServer,
  { login, isOnAir = true, liveStreamId = '999', recordings }: Channel,
): void => {
  routes['/id/oauth2/token'] = answer({
    access_token: 'token-1',
    expires_in: 5_000_000,
    token_type: 'bearer',
  })
  routes['/helix/users'] = helix(query => (query.get('login') === login ? [{ id: '77', login }] : []))
  routes['/helix/streams'] = helix(query =>
    isOnAir && query.get('user_login') === login ? [{ id: liveStreamId, user_id: '77', type: 'live' }] : [],
  )
  routes['/helix/videos'] = helix(query =>
    query.get('user_id') === '77' && query.get('type') === 'archive'
      ? recordings.map(({ id, streamId = null, createdAt = '2026-11-20T18:00:00Z', muted = null }) => ({
          id,
          stream_id: streamId,
          created_at: createdAt,
          duration: '3h8m33s',
          muted_segments: muted,
        }))
      : [],
  )
  routes['/gql'] = gql
  for (const { id, segments = names(60) } of recordings) {
    routes[`/usher/vod/v2/${id}.m3u8`] = signed(id, answer(masterPlaylist(id)))
    if (typeof segments === 'function') {
      routes[`/cdn/${id}/audio_only/index-dvr.m3u8`] = segments
      continue
    }
    routes[`/cdn/${id}/audio_only/index-dvr.m3u8`] = answer(mediaPlaylist(segments))
    for (const name of segments) routes[`/cdn/${id}/audio_only/${name}`] = answer(`<${name}>`)
  }
}

/** The adapter, with its waits kept in a list instead of waited for. */
export const recordingsAt = ({ url }: RouteServer, changed: Partial<TwitchOptions> = {}): TwitchRecordings =>
  new TwitchRecordings({
    clientId: 'client',
    clientSecret: 'secret',
    playbackClientId: 'player',
    authUrl: `${url}/id`,
    apiUrl: `${url}/helix`,
    gqlUrl: `${url}/gql`,
    usherUrl: `${url}/usher`,
    mediaHosts: [],
    now: Date.now,
    sleep: async () => {},
    ...changed,
  })

/** All that the recording's sound is, as text. */
export const textOf = async (found: FoundRecording): Promise<string> => {
  if (!found.found) throw new Error(found.refusal)
  let text = ''
  for await (const bytes of found.audio.read(() => {})) text += Buffer.from(bytes).toString()
  return text
}
