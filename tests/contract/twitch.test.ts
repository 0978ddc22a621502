import Fastify, { type FastifyInstance } from 'fastify'
import { parse, setOptions, type types } from 'hls-parser'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { findFreePort } from '../../local/ports.ts'
import { decodeAudio, SAMPLE_RATE_HZ } from '../../local/recogniser/decode.ts'
import { createRecogniser, type Recogniser } from '../../local/recogniser/recogniser.ts'
import { twitchStandIn } from '../../local/stand-ins/twitch/plugin.ts'
import { AUSTEN_0870, AUSTEN_0880 } from '../support/speech.ts'
import { wordErrorRate } from '../support/word-error-rate.ts'

const clientId = 'the-client'
const clientSecret = 'the-secret'
const playbackClientId = 'the-player'
/** One of a public player: https://github.com/streamlink/streamlink/blob/8.1.2/src/streamlink/plugins/twitch.py */
const persistedHash = 'ed230aa1e33e07eebb8928504583da78a5173989fadfb1ac94be06a04f3cdbe9'
const vodQuery =
  'query PlaybackAccessToken($vodID: ID!) { videoPlaybackAccessToken(id: $vodID, params: {platform: "web"}) { value signature } }'
const minuteMs = 60_000

/** What the reference at https://dev.twitch.tv/docs/api/reference/ lists for each. */
const User = z.strictObject({
  id: z.string(),
  login: z.string(),
  display_name: z.string(),
  type: z.enum(['admin', 'global_mod', 'staff', '']),
  broadcaster_type: z.enum(['affiliate', 'partner', '']),
  description: z.string(),
  profile_image_url: z.string(),
  offline_image_url: z.string(),
  view_count: z.int(),
  created_at: z.iso.datetime(),
})
const Stream = z.strictObject({
  id: z.string(),
  user_id: z.string(),
  user_login: z.string(),
  user_name: z.string(),
  game_id: z.string(),
  game_name: z.string(),
  type: z.enum(['live', '']),
  title: z.string(),
  tags: z.array(z.string()),
  viewer_count: z.int(),
  started_at: z.iso.datetime(),
  language: z.string(),
  thumbnail_url: z.string(),
  tag_ids: z.array(z.string()),
  is_mature: z.boolean(),
})
const Video = z.strictObject({
  id: z.string(),
  stream_id: z.string().nullable(),
  user_id: z.string(),
  user_login: z.string(),
  user_name: z.string(),
  title: z.string(),
  description: z.string(),
  created_at: z.iso.datetime(),
  published_at: z.iso.datetime(),
  url: z.url(),
  thumbnail_url: z.string(),
  viewable: z.literal('public'),
  view_count: z.int(),
  language: z.string(),
  type: z.enum(['archive', 'highlight', 'upload']),
  duration: z.string().regex(/^(\d+h)?(\d+m)?\d+s$/),
  muted_segments: z.array(z.strictObject({ duration: z.int(), offset: z.int() })).nullable(),
})
const Pagination = z.strictObject({ cursor: z.string().optional() })
const Token = z.strictObject({
  access_token: z.string(),
  expires_in: z.int(),
  token_type: z.literal('bearer'),
})
const PlaybackToken = z.strictObject({ value: z.string(), signature: z.string().regex(/^[0-9a-f]{40}$/) })
type PlaybackToken = z.infer<typeof PlaybackToken>
const UsherErrors = z.tuple([
  z.strictObject({ url: z.string(), error: z.string(), error_code: z.string(), type: z.literal('error') }),
])

const Count = z.strictObject({ calls: z.int(), open: z.int(), most_open: z.int() })
const Counts = z.object({ counts: z.record(z.string(), Count) })

let app: FastifyInstance
let base: string
let nowMs: number
let token: string

beforeAll(() => setOptions({ strictMode: true }))

beforeEach(async () => {
  nowMs = Date.parse('2026-03-01T12:00:00Z')
  const port = await findFreePort()
  base = `http://127.0.0.1:${port}/twitch`
  app = Fastify({ forceCloseConnections: true })
  await app.register(twitchStandIn, {
    prefix: '/twitch',
    publicUrl: base,
    apiUrl: 'http://127.0.0.1:3000',
    clientId,
    clientSecret,
    playbackClientId,
    now: () => nowMs,
  })
  await app.listen({ host: '127.0.0.1', port })
  token = Token.parse(await (await askToken()).json()).access_token
  return () => app.close()
})

function askToken(change: Record<string, string> = {}): Promise<Response> {
  const parameters = { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' }
  return fetch(`${base}/id/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ ...parameters, ...change }),
  })
}

function helix(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${base}/helix${path}`, {
    headers: { 'Client-Id': clientId, Authorization: `Bearer ${token}`, ...headers },
  })
}

async function dataOf<T>(schema: z.ZodType<T>, path: string): Promise<T[]> {
  const response = await helix(path)
  expect(response.status).toBe(200)
  const answer = z.strictObject({ data: z.array(schema), pagination: Pagination.optional() })
  return answer.parse(await response.json()).data
}

async function videosOf(login: string) {
  const [user] = await dataOf(User, `/users?login=${login}`)
  return dataOf(Video, `/videos?user_id=${user?.id}&type=archive&first=20`)
}

async function newestVideoId(login: string): Promise<string> {
  const [video] = await videosOf(login)
  if (!video) throw new Error(`${login} has no video.`)
  return video.id
}

function gql(body: unknown, headers: Record<string, string> = { 'Client-ID': playbackClientId }) {
  return fetch(`${base}/gql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

async function playbackToken(vodID: string): Promise<PlaybackToken> {
  const response = await gql({ operationName: 'PlaybackAccessToken', query: vodQuery, variables: { vodID } })
  const answer = z.object({ data: z.object({ videoPlaybackAccessToken: PlaybackToken }) })
  return answer.parse(await response.json()).data.videoPlaybackAccessToken
}

function usher(path: string, { value, signature }: PlaybackToken, query: Record<string, string> = {}) {
  const parameters = { nauth: value, nauthsig: signature, allow_source: 'true', allow_audio_only: 'true' }
  return fetch(`${base}/usher${path}?${new URLSearchParams({ ...parameters, ...query })}`, {
    redirect: 'manual',
  })
}

async function masterOf(login: string): Promise<Response> {
  const id = await newestVideoId(login)
  return usher(`/vod/v2/${id}.m3u8`, await playbackToken(id))
}

function parseMaster(text: string): types.MasterPlaylist {
  const playlist = parse(text)
  if (!('variants' in playlist)) throw new Error('That is no master playlist.')
  return playlist
}

function parseMedia(text: string): types.MediaPlaylist {
  const playlist = parse(text)
  if (!('segments' in playlist)) throw new Error('That is no media playlist.')
  return playlist
}

/** The playlist of the sound alone, or of the least bandwidth where there is none. */
async function soundOf(login: string): Promise<{ url: string; playlist: types.MediaPlaylist }> {
  const { variants } = parseMaster(await (await masterOf(login)).text())
  const url = variants.toSorted((one, other) => one.bandwidth - other.bandwidth)[0]?.uri
  if (url === undefined) throw new Error(`${login} has no rendition.`)
  return { url, playlist: parseMedia(await (await fetch(url)).text()) }
}

/** The last segments, one after the other, as a client hands them to a decoder. */
async function lastSegments(login: string, count: number): Promise<Uint8Array> {
  const { url, playlist } = await soundOf(login)
  const last = playlist.segments.slice(-count)
  const map = last[0]?.map?.uri
  const uris = [...(map === undefined ? [] : [map]), ...last.map(({ uri }) => uri)]
  const pieces: Uint8Array[] = []
  for (const uri of uris) {
    const response = await fetch(new URL(uri, url))
    expect(response.status).toBe(200)
    pieces.push(await response.bytes())
  }
  return Buffer.concat(pieces)
}

async function lastUrl(login: string, fromEnd = 1): Promise<URL> {
  const { url, playlist } = await soundOf(login)
  return new URL(playlist.segments.at(-fromEnd)?.uri ?? '', url)
}

function seconds(samples: Float32Array): number {
  return samples.length / SAMPLE_RATE_HZ
}

function loudest(samples: Float32Array): number {
  return samples.reduce((loud, sample) => Math.max(loud, Math.abs(sample)), 0)
}

async function control(change: object): Promise<Response> {
  return fetch(`${base}/control`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(change),
  })
}

describe('app access tokens', () => {
  test('are given for the secret, with parameters in the address as well', async () => {
    const query = new URLSearchParams({
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: 'client_credentials',
    })
    const response = await fetch(`${base}/id/oauth2/token?${query}`, { method: 'POST' })
    expect(response.status).toBe(200)
    expect(Token.parse(await response.json()).access_token).not.toBe(token)
  })

  test.each([
    [{ client_secret: 'wrong' }, { status: 403, message: 'invalid client secret' }],
    [{ client_id: 'wrong' }, { status: 400, message: 'invalid client' }],
    [{ client_id: '' }, { status: 400, message: 'missing client id' }],
    [{ client_secret: '' }, { status: 400, message: 'missing client secret' }],
    [{ grant_type: 'password' }, { status: 400, message: 'Invalid grant type' }],
  ])('are refused for %o', async (change, expected) => {
    const response = await askToken(change)
    expect(response.status).toBe(expected.status)
    expect(await response.json()).toEqual(expected)
  })

  test('open Helix until they expire or are revoked', async () => {
    await control({ token_seconds: 60 })
    token = Token.parse(await (await askToken()).json()).access_token
    expect((await helix('/users?login=speaks')).status).toBe(200)
    nowMs += minuteMs
    const expired = await helix('/users?login=speaks')
    expect(expired.status).toBe(401)
    expect(await expired.json()).toEqual({
      error: 'Unauthorized',
      status: 401,
      message: 'Invalid OAuth token',
    })

    token = Token.parse(await (await askToken()).json()).access_token
    await control({ revoke_tokens: true })
    expect((await helix('/users?login=speaks')).status).toBe(401)
  })
})

describe('Helix', () => {
  test.each([
    [{ Authorization: '' }, 'OAuth token is missing'],
    [{ Authorization: 'Bearer made-up' }, 'Invalid OAuth token'],
    [{ 'Client-Id': 'another' }, 'Client ID and OAuth token do not match'],
  ])('refuses %o', async (headers, message) => {
    const response = await helix('/users?login=speaks', headers)
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ error: 'Unauthorized', status: 401, message })
  })

  test('refuses a call without a client id', async () => {
    const response = await fetch(`${base}/helix/users?login=speaks`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ message: 'Client ID is missing' })
  })

  test('knows who has a login, in any case, and nobody for one that nobody has', async () => {
    const [user, ...others] = await dataOf(User, '/users?login=Speaks')
    expect(user).toMatchObject({ login: 'speaks', display_name: 'Speaks' })
    expect(others).toEqual([])
    expect(await dataOf(User, '/users?login=nobody_here')).toEqual([])
    expect(await dataOf(User, '/users?login=speaks&login=just_started')).toHaveLength(2)
  })

  test('says what is on air, and nothing of a channel that is offline or unknown', async () => {
    const [stream] = await dataOf(Stream, '/streams?user_login=speaks')
    expect(stream).toMatchObject({ type: 'live', started_at: '2026-03-01T11:20:00Z' })
    expect(await dataOf(Stream, '/streams?user_login=offline_channel')).toEqual([])
    expect(await dataOf(Stream, '/streams?user_login=nobody_here')).toEqual([])
  })

  test('lists recordings newest first, and the growing one is of the stream on air', async () => {
    const [stream] = await dataOf(Stream, '/streams?user_login=speaks')
    const [newest, older] = await videosOf('speaks')
    expect(newest).toMatchObject({
      stream_id: stream?.id,
      duration: '40m0s',
      created_at: '2026-03-01T11:20:00Z',
    })
    expect(older).toMatchObject({ duration: '1h30m0s', created_at: '2026-02-28T12:00:00Z' })
    expect(older?.stream_id).not.toBe(stream?.id)
  })

  test('lists page by page, and by type', async () => {
    const [user] = await dataOf(User, '/users?login=offline_channel')
    const Page = z.strictObject({ data: z.array(Video), pagination: Pagination })
    const page = async (query: string) =>
      Page.parse(await (await helix(`/videos?user_id=${user?.id}${query}`)).json())
    const first = await page('&first=1')
    const second = await page(`&first=1&after=${first.pagination.cursor}`)
    expect(first.data).toHaveLength(1)
    expect(second.data).toHaveLength(1)
    expect(second.data[0]?.id).not.toBe(first.data[0]?.id)
    expect(second.pagination).toEqual({})
    expect((await page('&type=highlight')).data).toEqual([])
  })

  test.each([
    ['offline_channel', 2],
    ['offline_nothing_recorded', 0],
    ['live_without_archive', 0],
  ])('%s has %i recordings', async (login, count) => {
    expect(await videosOf(login)).toHaveLength(count)
  })

  test('a channel on air can have recordings of earlier streams alone', async () => {
    const [stream] = await dataOf(Stream, '/streams?user_login=live_with_old_archives')
    const videos = await videosOf('live_with_old_archives')
    expect(videos).toHaveLength(2)
    expect(videos.map(video => video.stream_id)).not.toContain(stream?.id)
  })

  test('counts its calls', async () => {
    const one = await helix('/users?login=speaks')
    const other = await helix('/users?login=speaks')
    expect(one.headers.get('ratelimit-limit')).toBe('800')
    const remaining = (response: Response) => Number(response.headers.get('ratelimit-remaining'))
    expect(remaining(one) - remaining(other)).toBe(1)
    expect(Number(other.headers.get('ratelimit-reset')) * 1_000).toBe(nowMs + minuteMs)
  })

  test('answers 429 with the time from which it takes calls again', async () => {
    await control({ fail_next: { helix: { count: 1, status: 429 } } })
    const response = await helix('/users?login=speaks')
    expect(response.status).toBe(429)
    expect(await response.json()).toMatchObject({ error: 'Too Many Requests', status: 429 })
    expect(response.headers.get('ratelimit-remaining')).toBe('0')
    expect(Number(response.headers.get('ratelimit-reset')) * 1_000).toBe(nowMs + 1_000)
    expect((await helix('/users?login=speaks')).status).toBe(200)
  })

  test.each(['/users', '/users?login=not%20a%20login', '/videos', '/videos?user_id=1&first=0'])(
    'refuses %s',
    async path => {
      const response = await helix(path)
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ error: 'Bad Request', status: 400 })
    },
  )
})

describe('the playback token', () => {
  const inline = (id: string) => ({
    query: `{ videoPlaybackAccessToken(id: "${id}", params: {platform: "web"}) { value signature } }`,
  })
  const persisted = (id: string, sha256Hash = persistedHash) => ({
    operationName: 'PlaybackAccessToken',
    extensions: { persistedQuery: { version: 1, sha256Hash } },
    variables: { isLive: false, login: '', isVod: true, vodID: id, playerType: 'embed', platform: 'site' },
  })

  test.each([
    ['a persisted query', persisted],
    ['a query with its values in it', inline],
  ])('is had by %s', async (_name, body) => {
    const id = await newestVideoId('speaks')
    const { data } = z
      .object({ data: z.strictObject({ videoPlaybackAccessToken: PlaybackToken }) })
      .parse(await (await gql(body(id))).json())
    expect(JSON.parse(data.videoPlaybackAccessToken.value)).toMatchObject({ vod_id: Number(id) })
    expect((await usher(`/vod/v2/${id}.m3u8`, data.videoPlaybackAccessToken)).status).toBe(200)
  })

  test('is had several at once', async () => {
    const id = await newestVideoId('speaks')
    const answers = z
      .array(z.object({ data: z.unknown() }))
      .parse(await (await gql([persisted(id), inline(id)])).json())
    expect(answers).toHaveLength(2)
  })

  test('is null for a video that there isn’t', async () => {
    expect(await (await gql(persisted('99'))).json()).toMatchObject({
      data: { videoPlaybackAccessToken: null },
    })
  })

  test('isn’t had by a query that Twitch has given up', async () => {
    const response = await gql(persisted('1', 'f'.repeat(64)))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ errors: [{ message: 'PersistedQueryNotFound' }] })
  })

  test.each([
    [{}, 'The "Client-ID" header is missing from the request.'],
    [{ 'Client-ID': 'another' }, 'The "Client-ID" header is invalid.'],
  ])('isn’t had with %o', async (headers, message) => {
    const response = await gql(inline('1'), headers)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: 'Bad Request', status: 400, message })
  })

  test('names the renditions that subscribers alone get', async () => {
    const { value } = await playbackToken(await newestVideoId('all_for_subscribers'))
    expect(JSON.parse(value).chansub.restricted_bitrates).toContain('audio_only')
  })
})

describe('usher', () => {
  test('lists renditions in version 2 by STABLE-VARIANT-ID', async () => {
    const response = await masterOf('speaks')
    expect(response.headers.get('content-type')).toContain('application/vnd.apple.mpegurl')
    const { variants } = parseMaster(await response.text())
    const ids = variants.map(variant => variant.stableVariantId)
    expect(ids).toEqual(['chunked', '480p30', '160p30', 'audio_only'])
    expect(variants.at(-1)).toMatchObject({ codecs: 'mp4a.40.2', resolution: undefined })
    for (const { uri } of variants) expect(new URL(uri).origin).toBe(new URL(base).origin)
  })

  test('lists renditions in version 1 by EXT-X-MEDIA', async () => {
    const id = await newestVideoId('speaks')
    const { value, signature } = await playbackToken(id)
    const query = new URLSearchParams({ token: value, sig: signature, allow_audio_only: 'true' })
    const { variants } = parseMaster(await (await fetch(`${base}/usher/vod/${id}.m3u8?${query}`)).text())
    expect(variants.map(variant => variant.video[0]?.groupId)).toEqual([
      'chunked',
      '480p30',
      '160p30',
      'audio_only',
    ])
  })

  test('leaves the sound alone out where it isn’t asked for, or isn’t there', async () => {
    const id = await newestVideoId('speaks')
    const unasked = await usher(`/vod/v2/${id}.m3u8`, await playbackToken(id), { allow_audio_only: 'false' })
    const missing = await masterOf('without_audio_only')
    for (const response of [unasked, missing]) {
      const { variants } = parseMaster(await response.text())
      expect(variants.map(variant => variant.stableVariantId)).toEqual(['chunked', '480p30', '160p30'])
    }
    expect(seconds(await decodeAudio(await lastSegments('without_audio_only', 3)))).toBeCloseTo(30, 0)
  })

  test('refuses subscribers’ recordings, and gives the next one', async () => {
    const [newest, next] = await videosOf('newest_for_subscribers')
    const master = async (id: string) => usher(`/vod/v2/${id}.m3u8`, await playbackToken(id))
    const refused = await master(newest?.id ?? '')
    expect(refused.status).toBe(403)
    expect(UsherErrors.parse(await refused.json())[0].error_code).toBe('vod_manifest_restricted')
    expect((await master(next?.id ?? '')).status).toBe(200)

    const statuses = (await videosOf('all_for_subscribers')).map(async ({ id }) => (await master(id)).status)
    expect(await Promise.all(statuses)).toEqual([403, 403])
  })

  test('refuses a token that is forged, another video’s, or expired', async () => {
    const id = await newestVideoId('speaks')
    const other = await newestVideoId('just_started')
    const good = await playbackToken(id)
    const refused = async (path: string, given: PlaybackToken) => {
      const response = await usher(path, given)
      UsherErrors.parse(await response.json())
      return response.status
    }
    expect(await refused(`/vod/v2/${id}.m3u8`, { ...good, signature: '0'.repeat(40) })).toBe(403)
    expect(await refused(`/vod/v2/${other}.m3u8`, good)).toBe(403)
    nowMs += 60 * minuteMs
    expect(await refused(`/vod/v2/${id}.m3u8`, good)).toBe(403)
  })

  test('can lead away from Twitch, by a redirect or by its addresses', async () => {
    const redirect = await masterOf('redirects_elsewhere')
    expect(redirect.status).toBe(302)
    expect(new URL(redirect.headers.get('location') ?? '').hostname).toBe('media.invalid')
    const { variants } = parseMaster(await (await masterOf('playlist_elsewhere')).text())
    for (const { uri } of variants) expect(new URL(uri).hostname).toBe('media.invalid')
  })
})

describe('what is on air', () => {
  const streamToken = async (login: string): Promise<PlaybackToken | null> => {
    const body = {
      operationName: 'PlaybackAccessToken',
      extensions: { persistedQuery: { version: 1, sha256Hash: persistedHash } },
      variables: { isLive: true, login, isVod: false, vodID: '', playerType: 'embed', platform: 'site' },
    }
    const answer = z.object({ data: z.strictObject({ streamPlaybackAccessToken: PlaybackToken.nullable() }) })
    return answer.parse(await (await gql(body)).json()).data.streamPlaybackAccessToken
  }
  const live = async (path: string, login: string) => {
    const given = await streamToken(login)
    if (given === null) throw new Error(`${login} has no token.`)
    const query = { token: given.value, sig: given.signature, allow_audio_only: 'true' }
    return fetch(`${base}/usher${path}${login}.m3u8?${new URLSearchParams(query)}`)
  }

  test.each(['/api/v2/channel/hls/', '/api/channel/hls/'])('is had by %s', async path => {
    const { variants } = parseMaster(await (await live(path, 'live_without_archive')).text())
    const url = variants.at(-1)?.uri ?? ''
    const playlist = parseMedia(await (await fetch(url)).text())
    expect(playlist).toMatchObject({ endlist: false, targetDuration: 2, mediaSequenceBase: 1_185 })
    const pieces: Uint8Array[] = []
    for (const { uri } of playlist.segments) pieces.push(await (await fetch(new URL(uri, url))).bytes())
    const samples = await decodeAudio(Buffer.concat(pieces))
    expect(seconds(samples)).toBeCloseTo(30, 0)
    expect(loudest(samples)).toBeGreaterThan(0.1)
  })

  test('isn’t had of a channel that is offline or unknown', async () => {
    const response = await live('/api/v2/channel/hls/', 'offline_channel')
    expect(response.status).toBe(404)
    expect(UsherErrors.parse(await response.json())[0].error_code).toBe('transcode_does_not_exist')
    expect(await streamToken('nobody_here')).toBeNull()
  })
})

describe('a recording', () => {
  test('grows at its end while its stream is on air', async () => {
    const before = (await soundOf('speaks')).playlist
    expect(before).toMatchObject({ endlist: false, playlistType: 'EVENT', targetDuration: 10 })
    expect(before.segments).toHaveLength(240)
    nowMs += 35_000
    const after = (await soundOf('speaks')).playlist
    expect(after.segments.map(({ uri }) => uri).slice(0, 240)).toEqual(before.segments.map(({ uri }) => uri))
    expect(after.segments).toHaveLength(243)
    expect((await videosOf('speaks'))[0]?.duration).toBe('40m35s')
  })

  test('has its end once its stream is over, and then its last piece is the remainder', async () => {
    const [, older] = await videosOf('offline_channel')
    const id = older?.id ?? ''
    const { variants } = parseMaster(
      await (await usher(`/vod/v2/${id}.m3u8`, await playbackToken(id))).text(),
    )
    const text = await (await fetch(variants[0]?.uri ?? '')).text()
    const playlist = parseMedia(text)
    expect(older?.duration).toBe('1h1m30s')
    expect(playlist.endlist).toBe(true)
    expect(playlist.segments.reduce((sum, { duration }) => sum + duration, 0)).toBeCloseTo(3_690)
  })

  test.each([
    ['just_started', 36],
    ['three_hours', 1_080],
  ])('%s has %i pieces', async (login, count) => {
    expect((await soundOf(login)).playlist.segments).toHaveLength(count)
  })

  test('hides what isn’t there', async () => {
    const url = await lastUrl('speaks')
    for (const file of ['240.ts', 'x.ts', '1-muted.ts', 'init-0.mp4']) {
      expect((await fetch(new URL(file, url))).status).toBe(403)
    }
    expect((await fetch(`${base}/cdn/nobody_1_2_3/audio_only/index-dvr.m3u8`)).status).toBe(403)
    expect((await fetch(`${base}/cdn/nobody_1_2_3/4k/index-dvr.m3u8`)).status).toBe(403)
  })

  test('may have muted parts: silence under names of their own, as Helix says', async () => {
    const { playlist, url } = await soundOf('partly_muted')
    const muted = playlist.segments.filter(({ uri }) => uri.endsWith('-muted.ts'))
    expect(muted.map(({ uri }) => Number.parseInt(uri, 10))).toEqual([
      3,
      4,
      5,
      ...Array.from({ length: 18 }, (_, index) => 210 + index),
    ])
    expect((await videosOf('partly_muted'))[0]?.muted_segments).toEqual([
      { offset: 30, duration: 30 },
      { offset: 2_100, duration: 180 },
    ])
    expect((await fetch(new URL('210.ts', url))).status).toBe(403)

    const samples = await decodeAudio(await lastSegments('partly_muted', 30))
    expect(seconds(samples)).toBeCloseTo(300, 0)
    expect(loudest(samples.subarray(0, 179 * SAMPLE_RATE_HZ))).toBeLessThan(0.001)
    expect(loudest(samples.subarray(181 * SAMPLE_RATE_HZ))).toBeGreaterThan(0.1)
  })

  test('may name its muted parts as if they weren’t', async () => {
    const { playlist, url } = await soundOf('named_unmuted')
    const named = playlist.segments.filter(({ uri }) => uri.endsWith('-unmuted.ts'))
    expect(named).toHaveLength(18)
    const file = new URL(named[0]?.uri ?? '', url)
    expect((await fetch(file)).status).toBe(403)
    expect((await fetch(file.href.replace('-unmuted', '-muted'))).status).toBe(200)
  })

  test('may be muted as a whole, or of silence', async () => {
    expect((await videosOf('all_muted'))[0]?.muted_segments).toEqual([{ offset: 0, duration: 2_400 }])
    expect((await videosOf('nobody_speaks'))[0]?.muted_segments).toBeNull()
    for (const login of ['all_muted', 'nobody_speaks']) {
      const samples = await decodeAudio(await lastSegments(login, 3))
      expect(seconds(samples)).toBeCloseTo(30, 0)
      expect(loudest(samples)).toBeLessThan(0.001)
    }
  })
})

describe('the sound of the last five minutes', () => {
  let recogniser: Recogniser
  beforeAll(async () => {
    recogniser = await createRecogniser()
  })
  afterAll(() => recogniser.close())

  test.each(['speaks', 'fragmented_mp4'])('of %s is whole, and is understood', async login => {
    const samples = await decodeAudio(await lastSegments(login, 30))
    expect(Math.abs(seconds(samples) - 300)).toBeLessThan(1)
    // The recording was 2,100 s long where these began. The two utterances begin every 16 s.
    const beginning = (16 - (2_100 % 16)) * SAMPLE_RATE_HZ
    const said = samples.slice(beginning, beginning + 15 * SAMPLE_RATE_HZ)
    const { text } = await recogniser.transcribe(said)
    expect(wordErrorRate(`${AUSTEN_0870} ${AUSTEN_0880}`, text)).toBeLessThan(0.15)
  })
})

describe('a bad connection', () => {
  test('is slow', async () => {
    const url = await lastUrl('slow_cdn')
    const startMs = performance.now()
    const response = await fetch(url)
    expect((await response.bytes()).length).toBeGreaterThan(50_000)
    expect(performance.now() - startMs).toBeGreaterThan(1_400)
  })

  test('stalls after half of a piece', async () => {
    const response = await fetch(await lastUrl('stalling_cdn'), { signal: AbortSignal.timeout(1_000) })
    const length = Number(response.headers.get('content-length'))
    let received = 0
    const read = async () => {
      for await (const chunk of response.body ?? []) received += chunk.length
    }
    await expect(read()).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(received).toBe(Math.floor(length / 2))
  })

  test('forbids', async () => {
    const response = await fetch(await lastUrl('forbidding_cdn'))
    expect(response.status).toBe(403)
    expect(response.headers.get('content-type')).toContain('application/xml')
  })

  test('fails at every third piece, once', async () => {
    const urls = [await lastUrl('flaky_cdn', 3), await lastUrl('flaky_cdn', 2), await lastUrl('flaky_cdn', 1)]
    const statuses = async () => Promise.all(urls.map(async url => (await fetch(url)).status))
    expect(await statuses()).toEqual([500, 200, 200])
    expect(await statuses()).toEqual([200, 200, 200])
    expect(await statuses()).toEqual([500, 200, 200])
  })

  test('gives a web page for a playlist', async () => {
    await expect(soundOf('broken_playlist')).rejects.toThrow(/playlist/i)
  })
})

describe('the control', () => {
  test('makes each kind of call fail', async () => {
    const url = await lastUrl('speaks')
    const kinds = ['token', 'helix', 'gql', 'usher', 'playlist', 'segment']
    const failure = { count: 1, status: 503 }
    await control({ fail_next: Object.fromEntries(kinds.map(kind => [kind, failure])) })
    const calls = [
      () => askToken(),
      () => helix('/users?login=speaks'),
      () => gql({}),
      () => usher('/vod/v2/1.m3u8', { value: '', signature: '' }),
      () => fetch(new URL('index-dvr.m3u8', url)),
      () => fetch(url),
    ]
    for (const call of calls) expect((await call()).status).toBe(503)
    for (const call of calls) expect((await call()).status).not.toBe(503)
  })

  test('counts calls, and how many there were at once', async () => {
    const url = await lastUrl('speaks')
    await control({ reset_counts: true, delay_ms: { segment: 200 } })
    await Promise.all([1, 2, 3].map(async () => (await fetch(url)).bytes()))
    await control({ delay_ms: { segment: 0 } })
    await (await fetch(url)).bytes()
    const { counts } = Counts.parse(await (await fetch(`${base}/control`)).json())
    expect(counts.segment).toMatchObject({ calls: 4, most_open: 3 })
    expect(counts.token).toEqual({ calls: 0, open: 0, most_open: 0 })
  })

  test.each([
    { fail_next: { nothing: { count: 1, status: 500 } } },
    { fail_next: { helix: { count: 1, status: 200 } } },
    { delay_ms: 5 },
    { something: 1 },
  ])('refuses %o', async change => {
    expect((await control(change)).status).toBe(400)
  })
})

test('the page shows each channel with a command that catches up on it', async () => {
  const page = await (await fetch(`${base}/`)).text()
  expect(page).toContain('<h2>speaks</h2>')
  expect(page).toContain('on air for 40m0s')
  expect(page).toContain('http://127.0.0.1:3000/transcription/catchup')
  expect(page).toContain('{&quot;channel&quot;:&quot;speaks&quot;,&quot;minutes&quot;:5}')
})
