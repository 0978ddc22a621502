import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { findFreePort } from '../../local/ports.ts'
import { decodeAudio, SAMPLE_RATE_HZ } from '../../local/recogniser/decode.ts'
import { createRecogniser, type Recogniser } from '../../local/recogniser/recogniser.ts'
import { twitchStandIn } from '../../local/stand-ins/twitch/plugin.ts'
import type { FoundRecording } from '../../src/domain/ports.ts'
import { type TwitchOptions, TwitchRecordings } from '../../src/upstream/twitch/recordings.ts'
import { AUSTEN_0870, AUSTEN_0880 } from '../support/speech.ts'
import { wordErrorRate } from '../support/word-error-rate.ts'

const minuteMs = 60_000

let app: FastifyInstance
let origin: string
let nowMs: number
let recordings: TwitchRecordings

const connect = (changed: Partial<TwitchOptions> = {}): TwitchRecordings =>
  new TwitchRecordings({
    clientId: 'the-client',
    clientSecret: 'the-secret',
    playbackClientId: 'the-player',
    authUrl: `${origin}/twitch/id`,
    apiUrl: `${origin}/twitch/helix`,
    gqlUrl: `${origin}/twitch/gql`,
    usherUrl: `${origin}/twitch/usher`,
    mediaHosts: [origin],
    now: () => nowMs,
    sleep,
    ...changed,
  })

beforeEach(async () => {
  nowMs = Date.parse('2026-03-01T12:00:00Z')
  const port = await findFreePort()
  origin = `http://127.0.0.1:${port}`
  app = Fastify({ forceCloseConnections: true })
  await app.register(twitchStandIn, {
    prefix: '/twitch',
    publicUrl: `${origin}/twitch`,
    apiUrl: origin,
    clientId: 'the-client',
    clientSecret: 'the-secret',
    playbackClientId: 'the-player',
    now: () => nowMs,
  })
  await app.listen({ host: '127.0.0.1', port })
  recordings = connect()
  return () => app.close()
})

const control = async (change: object): Promise<void> => {
  const response = await app.inject({ method: 'POST', url: '/twitch/control', payload: change })
  expect(response.statusCode).toBe(200)
}

const countsSchema = z.object({
  counts: z.record(z.string(), z.object({ calls: z.int(), most_open: z.int() })),
})

const countOf = async (kind: string) => {
  const { counts } = countsSchema.parse((await app.inject('/twitch/control')).json())
  return counts[kind] ?? { calls: 0, most_open: 0 }
}

const soundOf = async (found: FoundRecording): Promise<Buffer> => {
  if (!found.found) throw new Error(found.refusal)
  return buffer(found.audio.read(() => {}))
}

const secondsOf = async (found: FoundRecording): Promise<number> =>
  (await decodeAudio(await soundOf(found))).length / SAMPLE_RATE_HZ

describe('a channel', () => {
  test.each([
    ['nobody_here', 'channel_not_found'],
    ['offline_nothing_recorded', 'channel_offline'],
    ['offline_channel', 'channel_offline'],
    ['live_without_archive', 'no_recording'],
    ['all_for_subscribers', 'recording_unavailable'],
    ['broken_playlist', 'recording_unavailable'],
    ['all_muted', 'recording_muted'],
  ])('%s is refused: %s', async (channel, refusal) => {
    expect(await recordings.findLast(channel, 10)).toEqual({ found: false, refusal })
  })

  test.each(['redirects_elsewhere', 'playlist_elsewhere'])(
    '%s leads to a host that is refused',
    async channel => {
      await expect(recordings.findLast(channel, 10)).rejects.toMatchObject({ reason: 'refused' })
    },
  )

  test.each([
    ['speaks', { isLive: true, toMs: 40 * minuteMs, mutedMs: 0 }],
    ['live_with_old_archives', { isLive: false, toMs: 90 * minuteMs, mutedMs: 0 }],
    ['newest_for_subscribers', { isLive: false, toMs: 90 * minuteMs, mutedMs: 0 }],
    ['partly_muted', { isLive: true, toMs: 40 * minuteMs, mutedMs: 3 * minuteMs }],
    ['named_unmuted', { isLive: true, toMs: 40 * minuteMs, mutedMs: 3 * minuteMs }],
    ['without_audio_only', { isLive: true, toMs: 40 * minuteMs, mutedMs: 0 }],
  ])('%s has ten minutes: %j', async (channel, { isLive, toMs, mutedMs }) => {
    expect(await recordings.findLast(channel, 10)).toMatchObject({
      window: { channel, isLive, fromMs: toMs - 10 * minuteMs, toMs, mutedMs },
    })
  })

  test('just_started has six', async () => {
    const found = await recordings.findLast('just_started', 10)
    expect(found).toMatchObject({ window: { fromMs: 0, toMs: 6 * minuteMs } })
  })

  test('three_hours has two of them', async () => {
    const found = await recordings.findLast('three_hours', 120)
    expect(found).toMatchObject({ window: { fromMs: 60 * minuteMs, toMs: 180 * minuteMs } })
  })

  test('on air has more as time goes by', async () => {
    nowMs += 5 * minuteMs
    const found = await recordings.findLast('speaks', 10)
    expect(found).toMatchObject({ window: { fromMs: 35 * minuteMs, toMs: 45 * minuteMs } })
  })
})

describe('the sound', () => {
  test.each(['speaks', 'fragmented_mp4', 'without_audio_only', 'flaky_cdn'])(
    'of %s decodes to the minutes that were asked for',
    async channel => {
      expect(await secondsOf(await recordings.findLast(channel, 5))).toBeCloseTo(300, 0)
    },
  )

  test('of pieces that are named unmuted decodes too: they are fetched by the names that answer', async () => {
    expect(await secondsOf(await recordings.findLast('named_unmuted', 6))).toBeCloseTo(360, 0)
  })

  test('of a slow channel comes, by several requests at once', async () => {
    expect(await secondsOf(await recordings.findLast('slow_cdn', 1))).toBeCloseTo(60, 0)
    expect((await countOf('segment')).most_open).toBe(4)
  })

  test('that stalls is a time-out', async () => {
    const impatient = connect({ limits: { segmentTimeoutMs: 500, retries: 1 } })
    const sound = soundOf(await impatient.findLast('stalling_cdn', 5))
    await expect(sound).rejects.toMatchObject({ vendor: 'twitch', kind: 'timeout' })
  })

  test('that is forbidden is a failure with that status', async () => {
    const sound = soundOf(await recordings.findLast('forbidding_cdn', 5))
    await expect(sound).rejects.toMatchObject({ vendor: 'twitch', kind: 'failed', status: 403 })
  })

  describe('of what is said', () => {
    let recogniser: Recogniser

    beforeAll(async () => {
      recogniser = await createRecogniser()
    })

    afterAll(() => recogniser.close())

    test('is understood', async () => {
      const samples = await decodeAudio(await soundOf(await recordings.findLast('speaks', 1)))
      // The sound is a loop of 16 s, and the last of 40 minutes begins in it at 4 s.
      const loop = samples.slice(12 * SAMPLE_RATE_HZ, 28 * SAMPLE_RATE_HZ)
      const { text } = await recogniser.transcribe(loop)
      expect(wordErrorRate(`${AUSTEN_0870} ${AUSTEN_0880}`, text)).toBeLessThan(0.15)
    })
  })
})

describe('the application token', () => {
  test('is kept, and replaced when it is revoked', async () => {
    await recordings.findLast('speaks', 5)
    await recordings.findLast('speaks', 5)
    expect((await countOf('token')).calls).toBe(1)
    await control({ revoke_tokens: true })
    expect((await recordings.findLast('speaks', 5)).found).toBe(true)
    expect((await countOf('token')).calls).toBe(2)
  })

  test('is renewed before it ends', async () => {
    await control({ token_seconds: 100 })
    await recordings.findLast('speaks', 5)
    nowMs += 95_000
    const before = await countOf('helix')
    expect((await recordings.findLast('speaks', 5)).found).toBe(true)
    expect((await countOf('token')).calls).toBe(2)
    expect((await countOf('helix')).calls - before.calls).toBe(3)
  })

  test('is not given to a wrong secret', async () => {
    const wrong = connect({ clientSecret: 'wrong' })
    await expect(wrong.findLast('speaks', 5)).rejects.toMatchObject({
      vendor: 'twitch',
      cause: { status: 403 },
    })
  })
})

describe('what fails in passing', () => {
  test.each(['token', 'helix', 'gql', 'usher', 'playlist'])('at %s is tried again', async kind => {
    await control({ fail_next: { [kind]: { count: 1, status: 503 } } })
    expect((await recordings.findLast('speaks', 5)).found).toBe(true)
  })

  test('at a segment is tried again', async () => {
    const found = await recordings.findLast('speaks', 1)
    await control({ fail_next: { segment: { count: 2, status: 503 } } })
    expect(await secondsOf(found)).toBeCloseTo(60, 0)
  })

  test('for longer is told', async () => {
    await control({ fail_next: { gql: { count: 3, status: 500 } } })
    await expect(recordings.findLast('speaks', 5)).rejects.toMatchObject({ kind: 'failed', status: 500 })
  })
})
