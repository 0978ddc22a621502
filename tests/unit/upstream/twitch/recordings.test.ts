import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UpstreamError } from '../../../../src/domain/errors.ts'
import { twitchMediaHosts } from '../../../../src/upstream/twitch/media-hosts.ts'
import { names, playTwitch, recordingsAt, textOf } from '../../../support/played-twitch.ts'
import {
  answer,
  drop,
  hang,
  inTurn,
  type RouteServer,
  redirect,
  stall,
  startRouteServer,
} from '../../../support/route-server.ts'

let server: RouteServer
let other: RouteServer

beforeEach(async () => {
  ;[server, other] = await Promise.all([startRouteServer(), startRouteServer()])
})

afterEach(() => Promise.all([server.close(), other.close()]))

/** The recordings whose playlist was asked for, in that order. */
const tried = (): (string | undefined)[] =>
  server.paths().flatMap(path => /^\/usher\/vod\/v2\/(\w+)\.m3u8$/.exec(path)?.slice(1) ?? [])

const restricted = answer([{ error: 'Manifest is restricted', error_code: 'vod_manifest_restricted' }], 403)

describe('the last minutes', () => {
  test('of what is on air are where they are in its recording', async () => {
    playTwitch(server, {
      login: 'speaks',
      liveStreamId: '900',
      recordings: [{ id: '11', streamId: '900', createdAt: '2026-11-20T18:00:00Z', segments: names(720) }],
    })
    const found = await recordingsAt(server).findLast('speaks', 2)
    expect(found).toMatchObject({
      found: true,
      window: {
        channel: 'speaks',
        recordingId: '11',
        recordedAt: '2026-11-20T18:00:00.000Z',
        isLive: true,
        fromMs: 7_080_000,
        toMs: 7_200_000,
        mutedMs: 0,
      },
    })
    expect(await textOf(found)).toBe(
      names(720)
        .slice(-12)
        .map(name => `<${name}>`)
        .join(''),
    )
  })

  test('are all there is, where there is less', async () => {
    playTwitch(server, { login: 'speaks', recordings: [{ id: '11', segments: names(5) }] })
    const found = await recordingsAt(server).findLast('speaks', 2)
    expect(found).toMatchObject({ window: { fromMs: 0, toMs: 50_000, isLive: false } })
    expect(await textOf(found)).toBe('<0.ts><1.ts><2.ts><3.ts><4.ts>')
  })

  test.each(['2026-11-20T20:00:00+02:00', '2026-11-20T18:00:00.000000+00:00', '2026-11-20T18:00:00Z'])(
    'are of a recording that began at %s, told in UTC',
    async createdAt => {
      playTwitch(server, { login: 'speaks', recordings: [{ id: '11', createdAt }] })
      const found = await recordingsAt(server).findLast('speaks', 1)
      expect(found).toMatchObject({ window: { recordedAt: '2026-11-20T18:00:00.000Z' } })
    },
  )

  test('are not known to be any where nobody can read when the recording began', async () => {
    playTwitch(server, { login: 'speaks', recordings: [{ id: '11', createdAt: '2026-11-31T18:00:00Z' }] })
    await expect(recordingsAt(server).findLast('speaks', 1)).rejects.toMatchObject({ kind: 'failed' })
  })

  test('are found without fetching their sound', async () => {
    playTwitch(server, { login: 'speaks', recordings: [{ id: '11' }] })
    await recordingsAt(server).findLast('speaks', 2)
    expect(server.paths().filter(path => path.endsWith('.ts'))).toEqual([])
  })

  test('come by way of a redirect too, and addresses are relative to where it led', async () => {
    playTwitch(server, { login: 'speaks', recordings: [{ id: '11' }] })
    const path = '/cdn/11/audio_only/index-dvr.m3u8'
    const playlist = server.routes[path] ?? answer('')
    server.routes[path] = redirect(`${other.url}/elsewhere/index.m3u8`)
    other.routes['/elsewhere/index.m3u8'] = playlist
    for (const name of names(60)) other.routes[`/elsewhere/${name}`] = answer(`[${name}]`)
    const found = await recordingsAt(server, { mediaHosts: [other.url] }).findLast('speaks', 1)
    expect(await textOf(found)).toBe('[54.ts][55.ts][56.ts][57.ts][58.ts][59.ts]')
  })
})

describe('the recording', () => {
  test("is what is on air, though another's is newer; then the newest", async () => {
    playTwitch(server, {
      login: 'speaks',
      liveStreamId: '900',
      recordings: [
        { id: '11', streamId: '800', createdAt: '2026-11-18T18:00:00Z', segments: answer('', 404) },
        { id: '12', streamId: '901', createdAt: '2026-11-21T18:00:00Z', segments: answer('', 404) },
        { id: '13', streamId: '900', createdAt: '2026-11-19T18:00:00Z', segments: answer('', 404) },
        { id: '14', streamId: '801', createdAt: '2026-11-20T18:00:00Z' },
      ],
    })
    expect(await recordingsAt(server).findLast('speaks', 1)).toMatchObject({
      window: { recordingId: '14', isLive: false },
    })
    expect(tried()).toEqual(['13', '12', '14'])
  })

  test.each([
    ['null', { stream_id: null }],
    ['nothing', {}],
  ])('whose stream is %s is not taken for what is on air', async (_what, stream) => {
    playTwitch(server, { login: 'speaks', recordings: [{ id: '11' }] })
    server.routes['/helix/videos'] = answer({
      data: [{ id: '11', created_at: '2026-11-20T18:00:00Z', ...stream }],
    })
    expect(await recordingsAt(server).findLast('speaks', 1)).toMatchObject({ window: { isLive: false } })
  })

  test.each([
    ['is for subscribers only', '/usher/vod/v2/11.m3u8', restricted],
    ['has gone from usher', '/usher/vod/v2/11.m3u8', answer('', 404)],
    ['has gone from usher for ever', '/usher/vod/v2/11.m3u8', answer('', 410)],
    ['has gone from GraphQL', '/gql', answer({ data: { videoPlaybackAccessToken: null } })],
    ['has no renditions', '/usher/vod/v2/11.m3u8', answer('#EXTM3U\n')],
    ['has a page for a playlist', '/usher/vod/v2/11.m3u8', answer('<html>')],
    ['has its media playlist refused', '/cdn/11/audio_only/index-dvr.m3u8', answer('', 403)],
    ['has no media playlist', '/cdn/11/audio_only/index-dvr.m3u8', answer('', 404)],
    ['has a page for a media playlist', '/cdn/11/audio_only/index-dvr.m3u8', answer('<html>')],
    [
      'has no segments yet',
      '/cdn/11/audio_only/index-dvr.m3u8',
      answer('#EXTM3U\n#EXT-X-TARGETDURATION:10\n'),
    ],
    [
      'has segments of no length, which are not taken for muted ones,',
      '/cdn/11/audio_only/index-dvr.m3u8',
      answer('#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:0,\n0.ts\n'),
    ],
    [
      'has lost its beginning',
      '/cdn/11/audio_only/index-dvr.m3u8',
      answer('#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:9,\n7.ts\n'),
    ],
    [
      'is encrypted',
      '/cdn/11/audio_only/index-dvr.m3u8',
      answer('#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:9,\n0.ts\n'),
    ],
  ])('that %s gives way to the next', async (_what, path, route) => {
    playTwitch(server, {
      login: 'speaks',
      recordings: [
        { id: '11', createdAt: '2026-11-20T18:00:00Z' },
        { id: '12', createdAt: '2026-11-19T18:00:00Z' },
      ],
    })
    const next = server.routes[path]
    server.routes[path] = next === undefined ? route : inTurn(route, next)
    expect(await recordingsAt(server).findLast('speaks', 1)).toMatchObject({ window: { recordingId: '12' } })
  })

  test('is looked for five times, and no more', async () => {
    const recordings = [1, 2, 3, 4, 5, 6].map(day => ({
      id: `1${day}`,
      createdAt: `2026-11-${20 - day}T18:00:00Z`,
    }))
    playTwitch(server, { login: 'speaks', recordings })
    for (const { id } of recordings.slice(0, 5)) server.routes[`/usher/vod/v2/${id}.m3u8`] = restricted
    expect(await recordingsAt(server).findLast('speaks', 1)).toEqual({
      found: false,
      refusal: 'recording_unavailable',
    })
    expect(tried()).toEqual(['11', '12', '13', '14', '15'])
  })
})

describe('a channel', () => {
  test('that nobody has is not found', async () => {
    playTwitch(server, { login: 'speaks', recordings: [] })
    expect(await recordingsAt(server).findLast('nobody', 1)).toEqual({
      found: false,
      refusal: 'channel_not_found',
    })
  })

  test.each(['a', 'a'.repeat(26), 'Speaks', 'a b', 'ä_b', '../x', 'a&b=c', '', 'speaks\n'])(
    'named %j is not found, and not asked for',
    async channel => {
      const found = await recordingsAt(server).findLast(channel, 1)
      expect(found).toEqual({ found: false, refusal: 'channel_not_found' })
      expect(server.received).toEqual([])
    },
  )

  test.each([
    ['has no recording', []],
    ['has one', [{ id: '11' }]],
  ])('that is off air is offline, also where it %s', async (_what, recordings) => {
    playTwitch(server, { login: 'speaks', isOnAir: false, recordings })
    expect(await recordingsAt(server).findLast('speaks', 1)).toEqual({
      found: false,
      refusal: 'channel_offline',
    })
  })

  test('that is on air and is not recorded has no recording', async () => {
    playTwitch(server, { login: 'speaks', liveStreamId: '900', recordings: [] })
    expect(await recordingsAt(server).findLast('speaks', 1)).toEqual({
      found: false,
      refusal: 'no_recording',
    })
  })
})

describe('what is muted', () => {
  test('is told, and played from where it can be had', async () => {
    const segments = names(12, index => (index < 10 ? `${index}.ts` : `${index}-unmuted.ts`))
    playTwitch(server, { login: 'speaks', recordings: [{ id: '11', segments }] })
    for (const index of [10, 11]) {
      server.routes[`/cdn/11/audio_only/${index}-unmuted.ts`] = answer('', 403)
      server.routes[`/cdn/11/audio_only/${index}-muted.ts`] = answer(`<silent ${index}>`)
    }
    const found = await recordingsAt(server).findLast('speaks', 1)
    expect(found).toMatchObject({ window: { fromMs: 60_000, toMs: 120_000, mutedMs: 20_000 } })
    expect(await textOf(found)).toBe('<6.ts><7.ts><8.ts><9.ts><silent 10><silent 11>')
  })

  test.each([
    ['by its name', names(12, index => `${index}-muted.ts`), null],
    ['by what Helix says', names(12), [{ offset: 60, duration: 60 }]],
  ])('all of it, as it is known %s, is its own refusal', async (_what, segments, muted) => {
    playTwitch(server, { login: 'speaks', recordings: [{ id: '11', segments, muted }, { id: '12' }] })
    expect(await recordingsAt(server).findLast('speaks', 1)).toEqual({
      found: false,
      refusal: 'recording_muted',
    })
  })
})

test('more than the speech vendor takes is refused by what the playlist says of the bandwidth', async () => {
  playTwitch(server, { login: 'speaks', recordings: [{ id: '11' }] })
  const bytes = (60 * 200_000) / 8
  const find = (totalBytes: number) => recordingsAt(server, { limits: { totalBytes } }).findLast('speaks', 1)
  expect((await find(bytes)).found).toBe(true)
  expect(await find(bytes - 1)).toEqual({ found: false, refusal: 'recording_too_large' })
})

describe('a failure', () => {
  const paths = [
    '/id/oauth2/token',
    '/helix/users',
    '/helix/streams',
    '/helix/videos',
    '/gql',
    '/usher/vod/v2/11.m3u8',
    '/cdn/11/audio_only/index-dvr.m3u8',
  ]

  beforeEach(() => playTwitch(server, { login: 'speaks', recordings: [{ id: '11' }] }))

  test.each(paths)('at %s that passes is not noticed', async path => {
    const route = server.routes[path] ?? hang
    server.routes[path] = inTurn(answer('', 503), drop, route)
    expect((await recordingsAt(server).findLast('speaks', 1)).found).toBe(true)
  })

  test.each(paths)('at %s that stays is told, with its status', async path => {
    server.routes[path] = answer('', 503)
    const finding = recordingsAt(server).findLast('speaks', 1)
    await expect(finding).rejects.toBeInstanceOf(UpstreamError)
    await expect(finding).rejects.toMatchObject({ vendor: 'twitch', kind: 'failed', status: 503 })
    expect(server.paths().filter(each => each === path)).toHaveLength(3)
  })

  test.each(paths)('at %s that stalls is a time-out', async path => {
    server.routes[path] = stall
    const limits = { requestTimeoutMs: 100, retries: 1 }
    const finding = recordingsAt(server, { limits }).findLast('speaks', 1)
    await expect(finding).rejects.toMatchObject({ vendor: 'twitch', kind: 'timeout' })
  })

  test.each(paths.slice(0, 5))('at %s is an answer of another shape', async path => {
    for (const odd of ['{}', '[]', 'null', '{"data":[{}]}', '{"data":', '']) {
      server.routes[path] = answer(odd)
      await expect(recordingsAt(server).findLast('speaks', 1)).rejects.toMatchObject({
        vendor: 'twitch',
        kind: 'failed',
      })
    }
  })

  test.each(paths)('at %s is an answer without end', async path => {
    server.routes[path] = (_request, response) => {
      const piece = Buffer.alloc(1_000_000, ' ')
      const send = (): void => void (response.writable && response.write(piece, send))
      send()
    }
    await expect(recordingsAt(server).findLast('speaks', 1)).rejects.toMatchObject({ reason: 'too_large' })
  })

  test.each(paths.slice(0, 5).flatMap(path => [400, 401, 403].map(status => [path, status] as const)))(
    'by %s answering us %i is not one of the recording, and told with what it comes from',
    async (path, status) => {
      server.routes[path] = answer({ status }, status)
      await expect(recordingsAt(server).findLast('speaks', 1)).rejects.toMatchObject({
        vendor: 'twitch',
        kind: 'failed',
        status: undefined,
        cause: { status },
      })
    },
  )

  test('by the secret being asked for too slowly ends with the deadline of all together', async () => {
    server.routes['/id/oauth2/token'] = hang
    const limits = { findTimeoutMs: 200, requestTimeoutMs: 60_000 }
    const finding = recordingsAt(server, { limits }).findLast('speaks', 1)
    await expect(finding).rejects.toMatchObject({ vendor: 'twitch', kind: 'timeout' })
    expect(server.paths()).toEqual(['/id/oauth2/token'])
  })

  test.each(paths.slice(5))('at %s is a playlist of more bytes than one has', async path => {
    server.routes[path] = answer(`#EXTM3U\n${'#\n'.repeat(750_000)}`)
    await expect(recordingsAt(server).findLast('speaks', 1)).rejects.toMatchObject({ reason: 'too_large' })
  })

  test('by a playlist on a host that is not listed is told, and nothing is asked of that host', async () => {
    server.routes['/usher/vod/v2/11.m3u8'] = redirect(`${other.url}/11.m3u8`)
    await expect(recordingsAt(server).findLast('speaks', 1)).rejects.toMatchObject({ reason: 'refused' })
    expect(other.received).toEqual([])
  })

  test('by all together taking too long is a time-out', async () => {
    server.routes['/gql'] = hang
    const finding = recordingsAt(server, { limits: { findTimeoutMs: 200 } }).findLast('speaks', 1)
    await expect(finding).rejects.toMatchObject({ vendor: 'twitch', kind: 'timeout' })
  })

  test('of a segment is told when it is read', async () => {
    server.routes['/cdn/11/audio_only/57.ts'] = answer('', 403)
    const found = await recordingsAt(server).findLast('speaks', 1)
    await expect(textOf(found)).rejects.toMatchObject({ vendor: 'twitch', kind: 'failed', status: 403 })
  })
})

test('secrets go where they belong, and nowhere else', async () => {
  playTwitch(server, { login: 'speaks', recordings: [{ id: '11', segments: names(1) }] })
  await textOf(await recordingsAt(server).findLast('speaks', 1))
  const withSecret = server.received.filter(({ body }) => body.includes('secret'))
  expect(withSecret.map(({ url }) => url.pathname)).toEqual(['/id/oauth2/token'])
  const withToken = server.received.filter(({ headers }) => headers.authorization !== undefined)
  expect(withToken.map(({ url }) => url.pathname).sort()).toEqual([
    '/helix/streams',
    '/helix/users',
    '/helix/videos',
  ])
})

test("Twitch's own media hosts are all reached by https", () => {
  expect(twitchMediaHosts.filter(host => host.includes('://'))).toEqual([])
  expect(twitchMediaHosts).toContain('*.cloudfront.net')
})
