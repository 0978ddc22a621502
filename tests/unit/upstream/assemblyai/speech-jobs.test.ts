import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { jobCallbackQuerySchema } from '../../../../src/contracts/webhooks.ts'
import { UpstreamError } from '../../../../src/domain/errors.ts'
import { toRecording } from '../../../../src/domain/recording-window.ts'
import {
  type AssemblyAiOptions,
  AssemblyAiSpeechJobs,
  callbackSecretHeader,
} from '../../../../src/upstream/assemblyai/speech-jobs.ts'
import { windowOf } from '../../support/fake-vendors.ts'
import { jsonOf, startVendorServer, type VendorServer } from '../../support/vendor-server.ts'

let vendor: VendorServer
let jobs: AssemblyAiSpeechJobs

beforeAll(async () => {
  vendor = await startVendorServer()
  jobs = jobsAt(vendor.url)
})

afterAll(() => vendor.close())

beforeEach(() => {
  vendor.received.length = 0
  vendor.replies = []
})

afterEach(() => {
  vi.useRealTimers()
})

const optionsAt = (url: string): AssemblyAiOptions => ({
  apiKey: 'key-1',
  baseUrl: url,
  speechModels: ['universal-3-6-pro', 'universal-2'],
  callbackUrl: 'https://api.example.com/webhooks/assemblyai',
  callbackSecret: 'our-secret',
})

const jobsAt = (url: string, over: Partial<AssemblyAiOptions> = {}) =>
  new AssemblyAiSpeechJobs({ ...optionsAt(url), ...over })

/** A vendor that does something else with an upload than to read it. */
const startImpatientVendor = async (treat: (request: IncomingMessage) => void) => {
  const server = createServer({ highWaterMark: 16_384 }, treat)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}`, close }
}

const callback = {
  userId: 'user-1',
  operationId: 'operation-1',
  holdExpiresAtMs: 1_764_000_000_000,
  requestHash: 'AbCd-_12',
  audioMs: 7_100,
}
const bytes = new Uint8Array([9, 9, 0x52, 0x49, 0x46, 0x46, 0xff, 0x00, 9]).subarray(2, 8)
const uploaded = { body: { upload_url: 'https://cdn.example.com/upload/1' } }
const queued = { body: { id: 'transcript-1', status: 'queued' } }

const failed = { name: 'UpstreamError', vendor: 'assemblyai', kind: 'failed' }
const timedOut = { name: 'UpstreamError', vendor: 'assemblyai', kind: 'timeout' }

/** Lets a call's own deadline pass at once, once the vendor has got `requests` of them. */
const passDeadline = async (requests: number): Promise<void> => {
  while (vendor.received.length < requests) await new Promise(resolve => setImmediate(resolve))
  await vi.advanceTimersByTimeAsync(60_000)
}

const freezeTimeouts = (): void => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
}

describe('submitting a clip', () => {
  test('uploads its very bytes with the bare key, and answers the id of the transcript', async () => {
    vendor.replies = [uploaded, queued]
    expect(await jobs.submit(bytes, callback)).toBe('transcript-1')
    const [upload] = vendor.received
    expect(upload).toMatchObject({ method: 'POST', url: '/v2/upload' })
    expect(upload?.headers.authorization).toBe('key-1')
    expect(new Uint8Array(upload?.body ?? [])).toEqual(new Uint8Array(bytes))
  })

  test('asks for the transcript with our models, the language found, and a call-back with our secret', async () => {
    vendor.replies = [uploaded, queued]
    await jobs.submit(bytes, callback)
    expect(vendor.received[1]).toMatchObject({ method: 'POST', url: '/v2/transcript' })
    expect(jsonOf(vendor.received[1])).toEqual({
      audio_url: 'https://cdn.example.com/upload/1',
      speech_models: ['universal-3-6-pro', 'universal-2'],
      language_detection: true,
      webhook_url:
        'https://api.example.com/webhooks/assemblyai?kind=clip&user_id=user-1&operation_id=operation-1&hold_expires_at_ms=1764000000000&request_hash=AbCd-_12&audio_ms=7100',
      webhook_auth_header_name: callbackSecretHeader,
      webhook_auth_header_value: 'our-secret',
    })
  })

  test.each([400, 401, 429, 500])('fails where the upload is answered with %i', async status => {
    vendor.replies = [{ status, body: { error: 'No.' } }]
    await expect(jobs.submit(bytes, callback)).rejects.toMatchObject(failed)
    expect(vendor.received).toHaveLength(1)
  })

  test.each([401, 422, 500])('fails where the transcript is answered with %i', async status => {
    vendor.replies = [uploaded, { status, body: { error: 'No.' } }]
    await expect(jobs.submit(bytes, callback)).rejects.toMatchObject(failed)
  })

  test.each([
    ['no JSON', { body: '<html>' }],
    ['a closed connection', 'drop' as const],
  ])('that is answered by %s fails', async (_what, reply) => {
    vendor.replies = [reply]
    await expect(jobs.submit(bytes, callback)).rejects.toMatchObject(failed)
  })

  test('that is answered without an id fails', async () => {
    vendor.replies = [uploaded, { body: { status: 'queued' } }]
    await expect(jobs.submit(bytes, callback)).rejects.toMatchObject(failed)
  })

  test('whose upload is not answered in time is a time-out', async () => {
    freezeTimeouts()
    vendor.replies = ['hang']
    const submission = expect(jobs.submit(bytes, callback)).rejects.toMatchObject(timedOut)
    await passDeadline(1)
    await submission
  })

  test('whose transcript is not answered in time is a time-out', async () => {
    freezeTimeouts()
    vendor.replies = [uploaded, 'hang']
    const submission = expect(jobs.submit(bytes, callback)).rejects.toMatchObject(timedOut)
    await passDeadline(2)
    await submission
  })
})

describe('submitting sound as it comes', () => {
  const catchup = {
    userId: 'user-1',
    operationId: '019a9d0c-7c00-7000-8000-000000000001',
    holdExpiresAtMs: 1_764_000_000_000,
    requestHash: 'AbCd-_12',
    window: windowOf(),
  }
  const encoder = new TextEncoder()

  /** Sound in pieces, and what becomes of reading it. */
  const soundOf = (pieces: readonly string[], failure?: Error) => {
    const state = { read: 0, ended: false }
    async function* read() {
      try {
        for (const piece of pieces) {
          state.read += 1
          yield encoder.encode(piece)
        }
        if (failure) throw failure
      } finally {
        state.ended = true
      }
    }
    return { state, sound: read() }
  }

  const endOf = async (state: { ended: boolean }) =>
    vi.waitFor(() => expect(state.ended).toBe(true), { timeout: 5_000 })

  test('uploads its pieces in order, in one request, and asks for the transcript', async () => {
    vendor.replies = [uploaded, queued]
    const { sound, state } = soundOf(['one ', 'two ', 'three'])
    expect(await jobs.submitStream(sound, catchup)).toBe('transcript-1')
    expect(vendor.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /v2/upload',
      'POST /v2/transcript',
    ])
    expect(vendor.received[0]?.body.toString()).toBe('one two three')
    expect(state.ended).toBe(true)
  })

  test('asks for a call-back that carries all that is needed to go on', async () => {
    vendor.replies = [uploaded, queued]
    await jobs.submitStream(soundOf(['one']).sound, catchup)
    const { webhook_url, ...rest } = jsonOf(vendor.received[1])
    expect(rest).toMatchObject({
      audio_url: 'https://cdn.example.com/upload/1',
      webhook_auth_header_name: callbackSecretHeader,
      webhook_auth_header_value: 'our-secret',
    })
    const { searchParams } = new URL(String(webhook_url))
    expect(jobCallbackQuerySchema.parse(Object.fromEntries(searchParams))).toEqual({
      kind: 'catchup',
      user_id: 'user-1',
      operation_id: catchup.operationId,
      hold_expires_at_ms: 1_764_000_000_000,
      request_hash: 'AbCd-_12',
      recording: toRecording(windowOf()),
    })
  })

  test('tells that its source failed, and how', async () => {
    vendor.replies = [uploaded, queued]
    const failure = new UpstreamError('twitch', 'failed', 403)
    const submission = jobs.submitStream(soundOf(['one', 'two'], failure).sound, catchup)
    await expect(submission).rejects.toMatchObject({
      name: 'SourceError',
      vendor: 'twitch',
      kind: 'failed',
      status: 403,
      cause: failure,
    })
    expect(vendor.received.filter(({ url }) => url === '/v2/transcript')).toEqual([])
  })

  test('throws a mistake of ours while it is read as it is', async () => {
    vendor.replies = [uploaded, queued]
    const failure = new TypeError('crash')
    await expect(jobs.submitStream(soundOf(['one', 'two'], failure).sound, catchup)).rejects.toBe(failure)
    expect(vendor.received.filter(({ url }) => url === '/v2/transcript')).toEqual([])
  })

  test('whose pieces come too slowly for its deadline is the source that took too long', async () => {
    vendor.replies = [uploaded, queued]
    async function* slow() {
      while (true) {
        await new Promise(resolve => setTimeout(resolve, 40))
        yield encoder.encode('piece')
      }
    }
    const submission = jobsAt(vendor.url, { streamTimeoutMs: 300 }).submitStream(slow(), catchup)
    await expect(submission).rejects.toMatchObject({ name: 'SourceError', kind: 'timeout' })
  })

  test.each([
    ['refuses it', { status: 401, body: { error: 'No.' } }],
    ['answers no JSON', { body: '<html>' }],
  ])('fails where the vendor %s', async (_what, reply) => {
    vendor.replies = [reply]
    await expect(jobs.submitStream(soundOf(['one']).sound, catchup)).rejects.toMatchObject(failed)
  })

  test('fails where the transcript is refused', async () => {
    vendor.replies = [uploaded, { status: 500, body: { error: 'No.' } }]
    await expect(jobs.submitStream(soundOf(['one']).sound, catchup)).rejects.toMatchObject(failed)
  })

  /** More than a connection takes in at once. */
  const endless = Array.from({ length: 2_000 }, () => 'x'.repeat(65_536))

  test('that the vendor hangs up on in the middle fails, and is read no further', async () => {
    const early = await startImpatientVendor(request => request.socket.destroy())
    const { sound, state } = soundOf(endless)
    await expect(jobsAt(early.url).submitStream(sound, catchup)).rejects.toMatchObject(failed)
    await endOf(state)
    expect(state.read).toBeLessThan(endless.length / 2)
    await early.close()
  })

  test('that the vendor does not read is not read ahead, and ends at its deadline', async () => {
    const deaf = await startImpatientVendor(() => undefined)
    const { sound, state } = soundOf(endless)
    const submission = jobsAt(deaf.url, { streamTimeoutMs: 500 }).submitStream(sound, catchup)
    await expect(submission).rejects.toMatchObject(timedOut)
    await endOf(state)
    expect(state.read).toBeLessThan(endless.length / 2)
    await deaf.close()
  })

  test('that comes to no end itself ends at the deadline too, and stops being fetched', async () => {
    vendor.replies = [uploaded, queued]
    const stopped = vi.fn(async () => ({ done: true as const, value: undefined }))
    const stalled: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined), return: stopped }),
    }
    const submission = jobsAt(vendor.url, { streamTimeoutMs: 200 }).submitStream(stalled, catchup)
    await expect(submission).rejects.toMatchObject({ name: 'SourceError', kind: 'timeout' })
    await vi.waitFor(() => expect(stopped).toHaveBeenCalled())
  })
})

describe('reading a transcript', () => {
  const read = async (body: object) => {
    vendor.replies = [{ body: { id: 'transcript-1', ...body } }]
    return jobs.read('transcript-1')
  }

  test('asks for it by its id', async () => {
    await read({ status: 'queued' })
    expect(vendor.received[0]).toMatchObject({ method: 'GET', url: '/v2/transcript/transcript-1' })
  })

  test.each(['queued', 'processing', 'a status of the future'])('that is %s is under way', async status => {
    expect(await read({ status })).toEqual({ status: 'processing' })
  })

  test('that is completed answers its words in milliseconds and its length in seconds', async () => {
    const words = [
      { text: 'He', start: 100.4, end: 219.6, confidence: 0.98, speaker: null },
      { text: 'was', start: 220, end: 400, confidence: 1.000_001 },
      { text: 'here', start: 400, end: 700, confidence: -0.1 },
    ]
    expect(await read({ status: 'completed', text: 'He was here.', words, audio_duration: 3 })).toEqual({
      status: 'completed',
      transcript: {
        text: 'He was here.',
        audioSeconds: 3,
        words: [
          { text: 'He', start_ms: 100, end_ms: 220, confidence: 0.98 },
          { text: 'was', start_ms: 220, end_ms: 400, confidence: 1 },
          { text: 'here', start_ms: 400, end_ms: 700, confidence: 0 },
        ],
      },
    })
  })

  test.each([
    ['an empty text', { status: 'completed', text: '', words: [], audio_duration: 3 }],
    ['no text', { status: 'completed', text: null, words: null, audio_duration: 3 }],
    [
      'an error about it',
      { status: 'error', error: 'language_detection cannot be performed on files with no spoken audio.' },
    ],
  ])('of which there is %s holds no speech', async (_what, body) => {
    expect(await read(body)).toEqual({ status: 'no_speech' })
  })

  test.each([
    ['says why', { status: 'error', error: 'Download error.' }],
    ['says nothing', { status: 'error' }],
  ])('that failed and %s has failed', async (_what, body) => {
    expect(await read(body)).toEqual({ status: 'failed' })
  })

  test.each([
    ['its length', { status: 'completed', text: 'He was here.', words: [] }],
    ['the time of a word', { status: 'completed', text: 'He', words: [{ text: 'He' }], audio_duration: 3 }],
  ])('that is completed without %s can never be read', async (_what, body) => {
    await expect(read(body)).rejects.toMatchObject({ ...failed, kind: 'unreadable' })
  })

  test.each([401, 403, 408, 429, 500])('that is answered with %i fails this time', async status => {
    vendor.replies = [{ status, body: { error: 'No.' } }]
    await expect(jobs.read('transcript-1')).rejects.toMatchObject({ ...failed, status })
  })

  test.each([400, 404, 410])('that is answered with %i can never be read', async status => {
    vendor.replies = [{ status, body: { error: 'No.' } }]
    await expect(jobs.read('transcript-1')).rejects.toMatchObject({ ...failed, kind: 'unreadable', status })
  })

  test('needs no secret for call-backs, which submitting does', async () => {
    vendor.replies = [{ body: { id: 'transcript-1', status: 'queued' } }]
    const { callbackSecret: _, ...options } = optionsAt(vendor.url)
    const reader = new AssemblyAiSpeechJobs(options)
    expect(await reader.read('transcript-1')).toEqual({ status: 'processing' })
    vendor.replies = [uploaded, queued]
    await expect(reader.submit(bytes, callback)).rejects.toThrow('Without its secret')
  })

  test.each([
    ['no JSON', { body: 'soon' }],
    ['a closed connection', 'drop' as const],
  ])('that is answered by %s fails', async (_what, reply) => {
    vendor.replies = [reply]
    await expect(jobs.read('transcript-1')).rejects.toMatchObject(failed)
  })

  test('can be given more time, or less', async () => {
    vendor.replies = ['hang']
    const reading = jobsAt(vendor.url, { readTimeoutMs: 50 }).read('transcript-1')
    await expect(reading).rejects.toMatchObject(timedOut)
  })

  test('that is not answered in time is a time-out', async () => {
    freezeTimeouts()
    vendor.replies = ['hang']
    const reading = expect(jobs.read('transcript-1')).rejects.toMatchObject(timedOut)
    await passDeadline(1)
    await reading
  })
})

describe('asking whether a transcript has ended', () => {
  const ask = async (status: string) => {
    vendor.replies = [{ body: { id: 'transcript-1', status } }]
    return jobs.hasEnded('transcript-1')
  }

  test.each(['queued', 'processing', 'a status of the future'])('%s has not', async status => {
    expect(await ask(status)).toBe(false)
  })

  test.each(['completed', 'error'])('%s has, whatever its words are', async status => {
    expect(await ask(status)).toBe(true)
  })

  test('one that there is not has: there is nothing to wait for', async () => {
    vendor.replies = [{ status: 404, body: { error: 'No.' } }]
    expect(await jobs.hasEnded('transcript-1')).toBe(true)
  })

  test.each([429, 500])('a vendor that answers %i can not tell', async status => {
    vendor.replies = [{ status, body: { error: 'No.' } }]
    await expect(jobs.hasEnded('transcript-1')).rejects.toMatchObject({ ...failed, status })
  })

  test('is given the time that megabytes take', async () => {
    freezeTimeouts()
    vendor.replies = ['hang']
    let isOver = false
    const asking = expect(jobs.hasEnded('transcript-1'))
      .rejects.toMatchObject(timedOut)
      .then(() => {
        isOver = true
      })
    while (vendor.received.length < 1) await new Promise(resolve => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(19_999)
    expect(isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await asking
  })
})
