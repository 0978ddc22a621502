import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  AssemblyAiLiveSessions,
  type LiveSessionsOptions,
} from '../../../../src/upstream/assemblyai/live-sessions.ts'
import { startVendorServer, type VendorServer } from '../../support/vendor-server.ts'

let vendor: VendorServer

beforeAll(async () => {
  vendor = await startVendorServer()
})

afterAll(() => vendor.close())

beforeEach(() => {
  vendor.received.length = 0
  vendor.replies = []
})

afterEach(() => {
  vi.useRealTimers()
})

const sessionsWith = (over: Partial<LiveSessionsOptions> = {}) =>
  new AssemblyAiLiveSessions({
    apiKey: 'key-1',
    streamingUrl: vendor.url,
    models: [
      { language: 'en', model: 'universal-streaming-english' },
      { language: 'multi', model: 'universal-streaming-multilingual' },
      { language: 'es', model: 'universal-streaming-multilingual' },
    ],
    inactivitySeconds: 60,
    ...over,
  })

const mint = () => sessionsWith().mintToken({ redeemSeconds: 60, sessionSeconds: 330 })

const queryOf = (address: string) => Object.fromEntries(new URL(address).searchParams)

describe('where a session is opened', () => {
  test('is complete but for the token', () => {
    expect(queryOf(sessionsWith().address('en'))).toEqual({
      speech_model: 'universal-streaming-english',
      language_code: 'en',
      encoding: 'pcm_s16le',
      sample_rate: '16000',
      format_turns: 'true',
      inactivity_timeout: '60',
    })
  })

  test('takes a token at its end', () => {
    expect(queryOf(`${sessionsWith().address('es')}&token=a-token`)).toMatchObject({
      language_code: 'es',
      token: 'a-token',
    })
  })

  test('has the language found where any will do', () => {
    const query = queryOf(sessionsWith().address('multi'))
    expect(query).toMatchObject({
      speech_model: 'universal-streaming-multilingual',
      language_detection: 'true',
    })
    expect(query).not.toHaveProperty('language_code')
  })

  test('ends after as long without sound as is configured', () => {
    expect(queryOf(sessionsWith({ inactivitySeconds: 5 }).address('en')).inactivity_timeout).toBe('5')
  })

  test.each([
    [undefined, 'wss://streaming.assemblyai.com/v3/ws'],
    ['https://streaming.eu.assemblyai.com', 'wss://streaming.eu.assemblyai.com/v3/ws'],
    ['http://127.0.0.1:4000/assemblyai', 'ws://127.0.0.1:4000/assemblyai/v3/ws'],
  ])('is a socket beside the API: %s', (streamingUrl, expected) => {
    const { origin, pathname } = new URL(sessionsWith({ streamingUrl }).address('en'))
    expect(`${origin}${pathname}`).toBe(expected)
  })

  test('is that of the default language for one that is no longer offered', () => {
    const sessions = sessionsWith({
      models: [
        { language: 'multi', model: 'universal-streaming-multilingual' },
        { language: 'en', model: 'universal-streaming-english' },
      ],
    })
    expect(sessions.address('es')).toBe(sessions.address('multi'))
  })
})

describe('the languages', () => {
  test('are those that are configured, in their order', () => {
    expect(sessionsWith().languages).toEqual(['en', 'multi', 'es'])
  })

  test('are at least one', () => {
    expect(() => sessionsWith({ models: [] })).toThrow('There is no language for live captions.')
  })
})

describe('minting a token', () => {
  test('asks with the bare key for how long it can be redeemed and how long its session may be', async () => {
    vendor.replies = [{ body: { token: 'a-token', expires_in_seconds: 60 } }]
    expect(await mint()).toBe('a-token')
    expect(vendor.received).toMatchObject([{ method: 'GET', headers: { authorization: 'key-1' } }])
    const { pathname, searchParams } = new URL(vendor.received[0]?.url ?? '', vendor.url)
    expect(pathname).toBe('/v3/token')
    expect(Object.fromEntries(searchParams)).toEqual({
      expires_in_seconds: '60',
      max_session_duration_seconds: '330',
    })
  })

  test.each([400, 401, 429, 500])('fails where the vendor answers %i, and asks once', async status => {
    vendor.replies = [{ status, body: { error: 'No.' } }]
    await expect(mint()).rejects.toMatchObject({
      name: 'UpstreamError',
      vendor: 'assemblyai',
      kind: 'failed',
    })
    expect(vendor.received).toHaveLength(1)
  })

  test.each([
    ['no token', { body: { expires_in_seconds: 60 } }],
    ['an empty token', { body: { token: '' } }],
    ['a token that is no text', { body: { token: 7 } }],
    ['no JSON', { body: '<html>' }],
    ['nothing: the line breaks', 'drop' as const],
  ])('fails where the vendor answers %s', async (_what, reply) => {
    vendor.replies = [reply]
    await expect(mint()).rejects.toMatchObject({ name: 'UpstreamError', kind: 'failed' })
  })

  test.each(['hang', 'stall'] as const)(
    'is given up after five seconds where the vendor is silent (%s)',
    async reply => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      vendor.replies = [reply]
      const minting = mint()
      const outcome = expect(minting).rejects.toMatchObject({ name: 'UpstreamError', kind: 'timeout' })
      while (vendor.received.length === 0) await new Promise(resolve => setImmediate(resolve))
      let isOver = false
      minting.catch(() => {
        isOver = true
      })
      await vi.advanceTimersByTimeAsync(4_999)
      expect(isOver).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      await outcome
    },
  )
})
