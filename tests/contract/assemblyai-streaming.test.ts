import { X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { AssemblyAI, type TurnEvent } from 'assemblyai'
import Fastify from 'fastify'
import { generate } from 'selfsigned'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket as WebSocketWithHeaders } from 'ws'
import { findFreePort } from '../../local/ports.ts'
import { decodeAudio, SAMPLE_RATE_HZ } from '../../local/recogniser/decode.ts'
import { createRecogniser, type Recogniser } from '../../local/recogniser/recogniser.ts'
import { type AssemblyAiStandInOptions, assemblyAiStandIn } from '../../local/stand-ins/assemblyai/plugin.ts'
import { createResampler } from '../../local/stand-ins/assemblyai/streaming/resampler.ts'
import { AUSTEN_0870, AUSTEN_0880, fixturePath } from '../support/speech.ts'
import { fetchToken, framesOf, openStream, type Stream, streamUrl } from '../support/streaming.ts'
import { wordErrorRate } from '../support/word-error-rate.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const KEY = 'the-key'

const long = await decodeAudio(fixturePath('austen-0870.wav'))
const short = await decodeAudio(fixturePath('austen-0880.wav'))
const silence = (seconds: number) => new Float32Array(seconds * SAMPLE_RATE_HZ)

type StandIn = { origin: string; client: AssemblyAI; close(): Promise<void> }

let recogniser: Recogniser
const open: { close(): Promise<void> }[] = []

beforeAll(async () => {
  recogniser = await createRecogniser()
})
afterAll(() => recogniser.close())
afterEach(() => Promise.all(open.splice(0).map(server => server.close())))

async function startStandIn(
  options: Partial<AssemblyAiStandInOptions> = {},
  https?: { key: string; cert: string },
): Promise<StandIn> {
  const port = await findFreePort()
  const origin = `${https ? 'https' : 'http'}://127.0.0.1:${port}/assemblyai`
  const app = Fastify({ https: https ?? null })
  await app.register(assemblyAiStandIn, {
    prefix: '/assemblyai',
    recogniser,
    publicUrl: origin,
    apiKey: KEY,
    minimumSessionSeconds: 1,
    ...options,
  })
  await app.listen({ host: '127.0.0.1', port })
  const standIn = {
    origin,
    client: new AssemblyAI({ apiKey: KEY, baseUrl: origin, streamingBaseUrl: origin }),
    close: () => app.close(),
  }
  open.push(standIn)
  return standIn
}

async function startStream(
  standIn: StandIn,
  query: Record<string, string | number> = {},
  tokenQuery: Record<string, string | number> = {},
): Promise<Stream> {
  const token = await fetchToken(standIn.origin, tokenQuery)
  return openStream(streamUrl(standIn.origin, { token, ...query }))
}

/** Sends speech at once, as far as the pace allows it, and ends the session. */
async function transcribe(stream: Stream, samples: Float32Array): Promise<TurnEvent[]> {
  stream.send(samples)
  await stream.terminate()
  return stream.turns()
}

async function post(url: string, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function sessionsOf({ origin }: StandIn): Promise<Record<string, unknown>[]> {
  return (await fetch(`${origin}/sessions`)).json() as Promise<Record<string, unknown>[]>
}

/** How a session ended: its last message, and the close. */
async function endOf(stream: Stream) {
  const { code, reason } = await stream.closed
  return { last: stream.received.at(-1)?.message, code, reason }
}

function failure(code: number, message: string | RegExp) {
  const error = typeof message === 'string' ? message : expect.stringMatching(message)
  return { last: { type: 'Error', error_code: code, error }, code, reason: error }
}

const textOf = (turns: TurnEvent[]) => turns.map(turn => turn.transcript).join(' ')
const endedTurns = (turns: TurnEvent[]) => turns.filter(turn => turn.end_of_turn)

describe('a token', () => {
  test('is given to the SDK, and opens one session', async () => {
    const standIn = await startStandIn()
    const token = await standIn.client.streaming.createTemporaryToken({
      expires_in_seconds: 60,
      max_session_duration_seconds: 300,
    })
    const stream = await openStream(streamUrl(standIn.origin, { token }))
    await stream.terminate()
    expect(stream.received[0]?.message).toEqual({
      type: 'Begin',
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      expires_at: expect.any(Number),
    })

    const again = await openStream(streamUrl(standIn.origin, { token }))
    expect(await endOf(again)).toEqual(failure(1008, 'Unauthorized Connection: Token has already been used'))
    expect(again.received).toHaveLength(1)
  })

  test('says for how long it can be redeemed, and the session until when it lasts', async () => {
    const { origin } = await startStandIn()
    const response = await fetch(`${origin}/v3/token?expires_in_seconds=30&max_session_duration_seconds=90`, {
      headers: { authorization: KEY },
    })
    const body = (await response.json()) as { token: string; expires_in_seconds: number }
    expect([response.status, body]).toEqual([200, { token: expect.any(String), expires_in_seconds: 30 }])

    const stream = await openStream(streamUrl(origin, { token: body.token }))
    await vi.waitFor(() => expect(stream.received).toHaveLength(1))
    const begin = stream.received[0]?.message
    const lastsSeconds = begin?.type === 'Begin' ? begin.expires_at - Date.now() / 1000 : Number.NaN
    expect(lastsSeconds).toBeGreaterThan(80)
    expect(lastsSeconds).toBeLessThanOrEqual(90)
    await stream.terminate()
  })

  test.each([
    ['expires_in_seconds', ''],
    ['expires_in_seconds', 'expires_in_seconds=0'],
    ['expires_in_seconds', 'expires_in_seconds=601'],
    ['max_session_duration_seconds', 'expires_in_seconds=60&max_session_duration_seconds=59'],
    ['max_session_duration_seconds', 'expires_in_seconds=60&max_session_duration_seconds=10801'],
    ['max_session_duration_seconds', 'expires_in_seconds=60&max_session_duration_seconds=1.5e2x'],
  ])('is refused when %s is out of range: %s', async (name, query) => {
    const { origin } = await startStandIn({ minimumSessionSeconds: 60 })
    const response = await fetch(`${origin}/v3/token?${query}`, { headers: { authorization: KEY } })
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: expect.stringMatching(new RegExp(`^${name}: `)) },
    ])
  })

  test('is refused without the right key', async () => {
    const { origin } = await startStandIn()
    for (const headers of [{}, { authorization: 'another' }]) {
      const response = await fetch(`${origin}/v3/token?expires_in_seconds=60`, { headers })
      expect([response.status, await response.json()]).toEqual([
        401,
        { error: 'Authentication error, API token missing/invalid' },
      ])
    }
  })

  test.each([
    ['that is unknown', 'Invalid token', async () => 'no-such-token'],
    [
      'that has expired',
      'Token has expired',
      async ({ origin }: StandIn) => {
        const token = await fetchToken(origin, { expires_in_seconds: 1 })
        await sleep(1_050)
        return token
      },
    ],
  ])('%s opens no session', async (_which, reason, tokenOf) => {
    const standIn = await startStandIn()
    const stream = await openStream(streamUrl(standIn.origin, { token: await tokenOf(standIn) }))
    expect(await endOf(stream)).toEqual(failure(1008, `Unauthorized Connection: ${reason}`))
    expect(await sessionsOf(standIn)).toEqual([])
  })

  test('can be made to fail or to be late, apart from the rest of the API', async () => {
    const { origin, client } = await startStandIn()
    await post(`${origin}/control`, { fail_tokens: { count: 1, status: 429 } })
    await expect(client.transcripts.list()).resolves.toMatchObject({ transcripts: [] })
    const refused = await fetch(`${origin}/v3/token?expires_in_seconds=60`, {
      headers: { authorization: KEY },
    })
    expect([refused.status, await refused.json()]).toEqual([429, { error: expect.stringMatching(/\S/) }])

    await post(`${origin}/control`, { token_delay_ms: 300 })
    const startMs = performance.now()
    expect(await fetchToken(origin)).toEqual(expect.any(String))
    expect(performance.now() - startMs).toBeGreaterThan(290)
  })
})

describe('the key itself', () => {
  const openWithKey = (origin: string, key?: string) =>
    new Promise<{ messages: string[]; code: number }>((resolve, reject) => {
      const socket = new WebSocketWithHeaders(streamUrl(origin, {}), {
        ...(key !== undefined && { headers: { authorization: key } }),
      })
      const messages: string[] = []
      socket.on('open', () => socket.send(JSON.stringify({ type: 'Terminate' })))
      socket.on('message', data => messages.push(String(data)))
      socket.on('close', code => resolve({ messages, code }))
      socket.on('error', reject)
    })

  test('opens a session, as often as it likes', async () => {
    const standIn = await startStandIn()
    for (const key of [KEY, KEY]) expect((await openWithKey(standIn.origin, key)).code).toBe(1000)
    expect(await sessionsOf(standIn)).toMatchObject([
      { token_id: null, cap_seconds: 10_800 },
      { token_id: null, cap_seconds: 10_800 },
    ])
  })

  test.each([
    ['missing', undefined, 'Missing Authorization header'],
    ['wrong', 'another', 'Invalid API key'],
  ])('opens none when it is %s', async (_how, key, reason) => {
    const { code, messages } = await openWithKey((await startStandIn()).origin, key)
    expect([code, messages.map(message => JSON.parse(message))]).toEqual([
      1008,
      [{ type: 'Error', error_code: 1008, error: `Unauthorized Connection: ${reason}` }],
    ])
  })
})

describe('speech', () => {
  test('is captioned while it is played, by a plain WebSocket', async () => {
    const standIn = await startStandIn()
    const stream = await startStream(standIn, { format_turns: 'true' })
    const startMs = await stream.play(long)
    const beforeEnd = stream.received.filter(
      ({ atMs }) => atMs - startMs < (long.length / SAMPLE_RATE_HZ) * 1000,
    )
    await stream.terminate()
    const turns = stream.turns()

    expect(beforeEnd.filter(({ message }) => message.type === 'Turn').length).toBeGreaterThan(1)
    const [plain, formatted] = endedTurns(turns)
    expect(wordErrorRate(AUSTEN_0870, plain?.transcript ?? '')).toBeLessThanOrEqual(0.1)
    expect(plain?.transcript).toBe(plain?.transcript.toLowerCase())
    expect(plain?.transcript).not.toMatch(/[.,?!]/)
    expect(plain).toMatchObject({ turn_order: 0, turn_is_formatted: false, end_of_turn_confidence: 1 })
    expect(formatted).toMatchObject({ turn_order: 0, turn_is_formatted: true })
    expect(formatted?.transcript).toMatch(/^And Mr\. John Dashwood .*\.$/)

    expect(stream.received[0]?.message.type).toBe('Begin')
    expect(stream.received[1]?.message.type).toBe('SpeechStarted')
    expect(stream.received.at(-1)?.message).toEqual({
      type: 'Termination',
      audio_duration_seconds: 7,
      session_duration_seconds: expect.any(Number),
    })
    expect((await stream.closed).code).toBe(1000)
    expectTurnsToGrow(turns.filter(turn => !turn.turn_is_formatted))
    expectTimesInOrder(turns, 7_200)
  })

  test("is captioned for the SDK's own client, over TLS", async () => {
    const certificate = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    })
    expect(new X509Certificate(certificate.cert).checkIP('127.0.0.1')).toBe('127.0.0.1')
    const trusted = getCACertificates('default')
    setDefaultCACertificates([...trusted, certificate.cert])
    try {
      const standIn = await startStandIn({}, { key: certificate.private, cert: certificate.cert })
      const { origin, client } = standIn
      const transcriber = client.streaming.transcriber({
        websocketBaseUrl: `${origin.replace('https', 'wss')}/v3/ws`,
        token: await client.streaming.createTemporaryToken({ expires_in_seconds: 60 }),
        sampleRate: SAMPLE_RATE_HZ,
        speechModel: 'universal-streaming-english',
        formatTurns: true,
        connectTimeout: 10_000,
      })
      const turns: TurnEvent[] = []
      transcriber.on('turn', turn => turns.push(turn))
      await transcriber.connect()
      for (const frame of framesOf(short)) {
        transcriber.sendAudio(frame.buffer)
        await sleep(100)
      }
      await transcriber.close(true, 30_000)
      expect(await sessionsOf(standIn)).toMatchObject([
        { close_code: 1000, audio_seconds: expect.closeTo(3) },
      ])
      const ended = turns.filter(turn => turn.end_of_turn && turn.turn_is_formatted)
      expect(wordErrorRate(AUSTEN_0880, textOf(ended))).toBeLessThanOrEqual(0.15)
      expect(turns.length).toBeGreaterThan(2)
    } finally {
      setDefaultCACertificates(trusted)
    }
  })

  test.each([8_000, 48_000])('is heard at %i samples a second', async sampleRate => {
    const stream = await startStream(await startStandIn(), { sample_rate: sampleRate })
    const samples = createResampler(SAMPLE_RATE_HZ, sampleRate)(short)
    const perFrame = sampleRate / 10
    for (let start = 0; start < samples.length; start += perFrame) {
      const pcm = Int16Array.from(new Float32Array(perFrame), (_, index) =>
        Math.round(Math.max(-1, Math.min(1, samples[start + index] ?? 0)) * 32_767),
      )
      stream.sendBytes(new Uint8Array(pcm.buffer))
    }
    await stream.terminate()
    expect(wordErrorRate(AUSTEN_0880, textOf(endedTurns(stream.turns())))).toBeLessThanOrEqual(0.3)
    expect(stream.received.at(-1)?.message).toMatchObject({ audio_duration_seconds: 3 })
  })

  test('comes formatted from the start, and final at the end only, from a Pro model', async () => {
    const stream = await startStream(await startStandIn(), { speech_model: 'u3-rt-pro' })
    await stream.play(short)
    await stream.terminate()
    const turns = stream.turns()
    const [ended, ...more] = endedTurns(turns)
    expect(more).toEqual([])
    expect(ended).toMatchObject({
      turn_is_formatted: true,
      transcript: expect.stringMatching(/^He was .*\.$/),
    })
    expect(ended?.words.every(word => word.word_is_final)).toBe(true)
    const partials = turns.filter(turn => !turn.end_of_turn)
    expect(partials.length).toBeGreaterThan(0)
    for (const partial of partials) {
      expect(partial.words.some(word => word.word_is_final)).toBe(false)
      expect(partial.transcript).toBe(partial.words.map(word => word.text).join(' '))
    }
  })

  test('is divided into turns by silence, counted in the audio and not by the clock', async () => {
    const stream = await startStream(await startStandIn())
    await stream.play(short)
    await stream.play(silence(1))
    await stream.play(short)
    await stream.terminate()
    const ended = endedTurns(stream.turns())
    expect(ended.map(turn => turn.turn_order)).toEqual([0, 1])
    for (const turn of ended) expect(wordErrorRate(AUSTEN_0880, turn.transcript)).toBeLessThanOrEqual(0.3)
    const secondStartMs = (short.length / SAMPLE_RATE_HZ) * 1000 + 1000
    expect(ended[1]?.words[0]?.start).toBeGreaterThan(secondStartMs)
    expect(stream.received.filter(({ message }) => message.type === 'SpeechStarted')).toHaveLength(2)
  })

  test('is not heard in silence', async () => {
    expect(await transcribe(await startStream(await startStandIn()), silence(2.5))).toEqual([])
  })
})

function expectTurnsToGrow(turns: TurnEvent[]): void {
  for (const [index, turn] of turns.entries()) {
    const finalWords = turn.words.filter(word => word.word_is_final).map(word => word.text)
    expect(turn.transcript).toBe(finalWords.join(' '))
    const before = turns[index - 1]
    if (before) expect(turn.transcript.startsWith(before.transcript)).toBe(true)
  }
}

function expectTimesInOrder(turns: TurnEvent[], endMs: number): void {
  for (const { words } of turns) {
    for (const [index, word] of words.entries()) {
      expect(word.start).toBeGreaterThanOrEqual(words[index - 1]?.end ?? 0)
      expect(word.end).toBeGreaterThanOrEqual(word.start)
      expect(word.end).toBeLessThanOrEqual(endMs)
      expect(word.confidence).toBeGreaterThan(0)
      expect(word.confidence).toBeLessThanOrEqual(1)
    }
  }
}

describe('the client', () => {
  test('ends a turn by ForceEndpoint', async () => {
    const stream = await startStream(await startStandIn())
    stream.send(short)
    stream.say({ type: 'ForceEndpoint' })
    await vi.waitFor(() => expect(endedTurns(stream.turns())).toHaveLength(1), { timeout: 30_000 })
    await stream.terminate()
    expect(endedTurns(stream.turns())).toHaveLength(1)
  })

  test('changes how turns are formatted, and when they end, by UpdateConfiguration', async () => {
    const stream = await startStream(await startStandIn(), {
      min_turn_silence: 5_000,
      max_turn_silence: 5_000,
    })
    stream.send(short.subarray(0, 2 * SAMPLE_RATE_HZ))
    await stream.play(silence(1.5))
    expect(endedTurns(stream.turns())).toEqual([])
    stream.say({
      type: 'UpdateConfiguration',
      format_turns: true,
      min_turn_silence: 400,
      max_turn_silence: 1_000,
    })
    await stream.play(silence(0.2))
    await vi.waitFor(() => expect(endedTurns(stream.turns())).toHaveLength(2), { timeout: 30_000 })
    expect(endedTurns(stream.turns()).map(turn => turn.turn_is_formatted)).toEqual([false, true])
    await stream.terminate()
  })

  test('is let go after its inactivity timeout, unless it says KeepAlive', async () => {
    const standIn = await startStandIn()
    const [silent, alive] = await Promise.all([
      startStream(standIn, { inactivity_timeout: 5 }),
      startStream(standIn, { inactivity_timeout: 5 }),
    ])
    await sleep(3_000)
    alive.say({ type: 'KeepAlive' })
    expect(await endOf(silent)).toEqual(failure(3005, 'Session Cancelled: No activity for 5 seconds'))
    await sleep(500)
    await alive.terminate()
    expect((await alive.closed).code).toBe(1000)
  })

  test.each([
    ['what is not JSON', 'nonsense', /^Invalid JSON: nonsense$/],
    ['what is no object', '[]', /^Invalid Message: \[\]$/],
    ['an unknown type', '{"type":"Dance"}', /^Invalid Message Type: Dance$/],
    [
      'a bad setting',
      '{"type":"UpdateConfiguration","max_turn_silence":-1}',
      /^Invalid Message: max_turn_silence/,
    ],
  ])('is refused %s', async (_what, message, error) => {
    const stream = await startStream(await startStandIn())
    stream.say(message)
    expect(await endOf(stream)).toEqual(failure(3006, error))
  })

  test.each([
    ['no speech_model', { speech_model: '' }, /speech_model/],
    ['an unknown speech_model', { speech_model: 'best' }, /speech_model/],
    ['a sample_rate that is too low', { sample_rate: 4_000 }, /sample_rate/],
    ['an encoding that is not heard here', { encoding: 'opus' }, /encoding.*pcm_s16le/],
    ['an inactivity_timeout that is too short', { inactivity_timeout: 4 }, /inactivity_timeout/],
    ['another language', { language_codes: '["de"]' }, /English only, not de/],
    ['a feature that is missing', { speaker_labels: 'true' }, /speaker_labels is not available/],
  ])('is refused %s', async (_what, query, error) => {
    const stream = await startStream(await startStandIn(), query)
    const end = await endOf(stream)
    expect([end.code, end.last]).toEqual([
      3006,
      { type: 'Error', error_code: 3006, error: expect.stringMatching(error) },
    ])
  })
})

describe('the pace', () => {
  test.each([
    ['too short', 40],
    ['too long', 1_010],
  ])('an audio message that is %s ends the session', async (_how, milliseconds) => {
    const stream = await startStream(await startStandIn())
    stream.sendBytes(new Uint8Array(milliseconds * 32))
    expect(await endOf(stream)).toEqual(
      failure(
        3007,
        `Input Duration Error: Input Duration Violation: ${milliseconds.toFixed(1)} ms. Expected between 50 and 1000 ms`,
      ),
    )
  })

  test('audio a little ahead of its time is borne, much ahead it ends the session', async () => {
    const stream = await startStream(await startStandIn())
    stream.send(silence(2.8))
    stream.say({ type: 'KeepAlive' })
    await sleep(300)
    expect(stream.received).toHaveLength(1)
    stream.send(silence(2))
    expect(await endOf(stream)).toEqual(
      failure(3007, /^Audio Transmission Rate Exceeded: Received [34]\.\d sec\. audio in \d\.\d sec$/),
    )
  })
})

describe('a session', () => {
  test('ends at its cap, and is listed with what was heard', async () => {
    const standIn = await startStandIn()
    const token = await fetchToken(standIn.origin, { max_session_duration_seconds: 1 })
    const stream = await openStream(streamUrl(standIn.origin, { token }))
    stream.send(silence(0.5))
    expect(await endOf(stream)).toEqual(failure(3008, 'Session Expired: Maximum session duration exceeded'))
    const [session, ...others] = await sessionsOf(standIn)
    expect(others).toEqual([])
    expect(session).toMatchObject({
      token_id: token.slice(0, 8),
      speech_model: 'universal-streaming-english',
      close_code: 3008,
      cap_seconds: 1,
      audio_seconds: 0.5,
    })
    expect(session?.open_seconds).toBeGreaterThanOrEqual(0.99)
    expect(session?.open_seconds).toBeLessThan(10)
  })

  test('is refused where there are too many', async () => {
    const standIn = await startStandIn()
    await post(`${standIn.origin}/control`, { max_sessions: 1 })
    const first = await startStream(standIn)
    expect(await endOf(await startStream(standIn))).toEqual(
      failure(3009, 'Unauthorized Connection: Too many concurrent sessions'),
    )
    await first.terminate()
    await vi.waitFor(async () => expect((await sessionsOf(standIn))[0]?.close_code).toBe(1000))
    await (await startStream(standIn)).terminate()
  })

  test('can be closed with an error, or dropped, or left alone', async () => {
    const standIn = await startStandIn()
    const streams = [await startStream(standIn), await startStream(standIn), await startStream(standIn)]
    const [failing, dropped, kept] = streams
    const ids = (await sessionsOf(standIn)).map(session => session.id)

    const failed = await post(`${standIn.origin}/sessions/close`, { id: ids[0], close_code: 3005 })
    expect(await failed.json()).toEqual({ closed: 1 })
    expect(failing && (await endOf(failing))).toEqual(failure(3005, 'Session Cancelled: An error occurred'))

    await post(`${standIn.origin}/sessions/close`, { id: ids[1] })
    expect(dropped && (await dropped.closed).code).toBe(1006)
    expect((await sessionsOf(standIn)).map(session => session.close_code)).toEqual([3005, 1006, null])

    expect((await post(`${standIn.origin}/sessions/close`, { close_code: 200 })).status).toBe(400)
    await kept?.terminate()
  })

  test('that the client leaves is closed, too', async () => {
    const standIn = await startStandIn()
    const socket = new WebSocketWithHeaders(streamUrl(standIn.origin, {}), {
      headers: { authorization: KEY },
    })
    await new Promise(resolve => socket.once('message', resolve))
    socket.terminate()
    await vi.waitFor(async () => expect((await sessionsOf(standIn))[0]?.close_code).toBe(1006))
  })

  test('is shown on the page', async () => {
    const standIn = await startStandIn()
    const page = async () => (await fetch(`${standIn.origin}/`)).text()
    expect(await page()).toMatch('No streaming sessions yet.')
    const stream = await startStream(standIn, {}, { max_session_duration_seconds: 77 })
    expect(await page()).toMatch('open · 0.0 s of audio, at most 77 s')
    await stream.terminate()
    expect(await page()).toMatch('closed with 1000 · 0.0 s of audio, at most 77 s')
  })

  test('does not keep the server from closing', async () => {
    const standIn = await startStandIn()
    const stream = await startStream(standIn)
    stream.send(long.subarray(0, 2 * SAMPLE_RATE_HZ))
    await standIn.close()
    expect(await stream.closed).toBeDefined()
  })
})
