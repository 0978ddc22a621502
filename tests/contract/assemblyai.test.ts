import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AssemblyAI, type Transcript, type TranscriptParams } from 'assemblyai'
import Fastify from 'fastify'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { findFreePort } from '../../local/ports.ts'
import { createRecogniser, type Recogniser } from '../../local/recogniser/recogniser.ts'
import { type AssemblyAiStandInOptions, assemblyAiStandIn } from '../../local/stand-ins/assemblyai/plugin.ts'
import { AUSTEN_0870, AUSTEN_0880, fixturePath } from '../support/speech.ts'
import { wordErrorRate } from '../support/word-error-rate.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const KEY = 'the-key'
const POLLING = { pollingInterval: 20, pollingTimeout: 50_000 }
const SPEECH_MODELS = ['universal-3-pro', 'universal-2']

const short = await readFile(fixturePath('austen-0880.wav'))
const long = await readFile(fixturePath('austen-0870.wav'))

type StandIn = { origin: string; client: AssemblyAI; close(): Promise<void> }

let recogniser: Recogniser
const open: { close(): Promise<void> }[] = []

beforeAll(async () => {
  recogniser = await createRecogniser()
})
afterAll(() => recogniser.close())
afterEach(closeAll)

async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map(server => server.close()))
}

async function startStandIn(options: Partial<AssemblyAiStandInOptions> = { apiKey: KEY }): Promise<StandIn> {
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}/assemblyai`
  const app = Fastify()
  await app.register(assemblyAiStandIn, {
    prefix: '/assemblyai',
    recogniser,
    publicUrl: origin,
    webhookRetryDelaysMs: [5],
    ...options,
  })
  await app.listen({ host: '127.0.0.1', port })
  const standIn = {
    origin,
    client: new AssemblyAI({ apiKey: KEY, baseUrl: origin }),
    close: () => app.close(),
  }
  open.push(standIn)
  return standIn
}

async function transcribe(
  { client }: StandIn,
  audio: Uint8Array | string,
  params: Partial<TranscriptParams> = {},
): Promise<Transcript> {
  return client.transcripts.transcribe({ speech_models: SPEECH_MODELS, ...params, audio }, POLLING)
}

/** Waits until an expectation is met. */
function eventually<T>(expectation: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(expectation, { timeout: 30_000, interval: 20 })
}

async function setControl({ origin }: StandIn, change: object): Promise<Response> {
  return fetch(`${origin}/control`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(change),
  })
}

/** A wav as long as its samples: 16 kHz, mono, 16 bits, with the header of the fixture. */
function wavOf(samples: Buffer): Buffer {
  const header = Buffer.from(short.subarray(0, 44))
  header.writeUInt32LE(36 + samples.length, 4)
  header.writeUInt32LE(samples.length, 40)
  return Buffer.concat([header, samples])
}

const silentWav = (seconds: number) => wavOf(Buffer.alloc(seconds * 32_000))

/** What is kept in a directory, with a time that has come: as if it had been waited for. */
async function letTimeCome(stateDir: string, field: 'next_try_at' | 'not_before'): Promise<void> {
  const file = join(stateDir, 'transcripts.json')
  const content = await readFile(file, 'utf8')
  await writeFile(
    file,
    content.replace(new RegExp(`"${field}": "[^"]+"`), `"${field}": "${new Date().toISOString()}"`),
  )
}

describe('speech', () => {
  test.each([
    ['austen-0870.wav', AUSTEN_0870, 8],
    ['austen-0880.wav', AUSTEN_0880, 3],
  ])(
    '%s comes back as what was said, with times, confidence and its seconds rounded up',
    async (name, said, seconds) => {
      const transcript = await transcribe(await startStandIn(), fixturePath(name))

      expect(transcript.status).toBe('completed')
      expect(wordErrorRate(said, transcript.text ?? '')).toBeLessThanOrEqual(0.1)
      expect(transcript.audio_duration).toBe(seconds)
      expect(transcript.confidence).toBeGreaterThan(0.8)
      expect(transcript.confidence).toBeLessThanOrEqual(1)
      expect(transcript.words?.map(word => word.text).join(' ')).toBe(transcript.text)
      for (const [index, word] of (transcript.words ?? []).entries()) {
        expect(word.start).toBeGreaterThanOrEqual(transcript.words?.[index - 1]?.end ?? 0)
        expect(word.end).toBeGreaterThan(word.start)
        expect(word.end).toBeLessThanOrEqual(seconds * 1000)
        expect(word.confidence).toBeGreaterThan(0)
        expect(word.speaker).toBeNull()
      }
    },
  )

  test.each(['mp3', 'm4a', 'webm', 'ogg', 'flac'])('is heard the same in %s', async extension => {
    const transcript = await transcribe(await startStandIn(), fixturePath(`austen-0880.${extension}`))
    expect(wordErrorRate(AUSTEN_0880, transcript.text ?? '')).toBeLessThanOrEqual(0.1)
    expect([3, 4]).toContain(transcript.audio_duration)
  })

  test('is heard in what a browser records, whose header has no duration', async () => {
    const transcript = await transcribe(await startStandIn(), fixturePath('austen-0880-live.webm'))
    expect(wordErrorRate(AUSTEN_0880, transcript.text ?? '')).toBeLessThanOrEqual(0.1)
    expect(transcript.audio_duration).toBe(3)
  })

  test('is heard only where it was asked for, and its times count from the start of the file', async () => {
    const both = wavOf(Buffer.concat([short.subarray(44), Buffer.alloc(64_000), long.subarray(44)]))
    const transcript = await transcribe(await startStandIn(), both, {
      audio_start_from: 4_500,
      audio_end_at: 12_000,
    })
    expect(wordErrorRate(AUSTEN_0870, transcript.text ?? '')).toBeLessThanOrEqual(0.1)
    expect(transcript.words?.[0]?.start).toBeGreaterThan(4_900)
    expect(transcript.audio_duration).toBe(13)
  })

  test('is heard from a server on this machine', async () => {
    const files = Fastify()
    files.get('/clip.wav', async (_request, reply) => reply.send(short))
    const origin = await files.listen({ host: '127.0.0.1', port: 0 })
    open.push(files)
    const transcript = await transcribe(await startStandIn(), `${origin}/clip.wav`)
    expect(wordErrorRate(AUSTEN_0880, transcript.text ?? '')).toBeLessThanOrEqual(0.1)
  })

  test('of two clips at once is told apart', async () => {
    const standIn = await startStandIn()
    const [one, other] = await Promise.all([transcribe(standIn, short), transcribe(standIn, long)])
    expect(wordErrorRate(AUSTEN_0880, one.text ?? '')).toBeLessThanOrEqual(0.1)
    expect(wordErrorRate(AUSTEN_0870, other.text ?? '')).toBeLessThanOrEqual(0.1)
  })
})

describe('what is no speech', () => {
  test('silence is completed without a word', async () => {
    const transcript = await transcribe(await startStandIn(), silentWav(2))
    expect(transcript).toMatchObject({
      status: 'completed',
      text: '',
      words: [],
      confidence: 0,
      audio_duration: 2,
    })
  })

  test('silence is an error where the language is to be detected', async () => {
    const transcript = await transcribe(await startStandIn(), silentWav(2), { language_detection: true })
    expect(transcript.error).toBe('language_detection cannot be performed on files with no spoken audio.')
  })

  test('a file that is no audio is an error', async () => {
    const transcript = await transcribe(await startStandIn(), Buffer.from('<html>No recording here</html>'))
    expect(transcript.status).toBe('error')
    expect(transcript.error).toMatch(/^Transcoding failed\. File does not appear to contain audio/)
    expect(transcript.text).toBeNull()
  })

  test.each([
    ['150 ms', silentWav(0.15), {}],
    ['no sample', silentWav(0), {}],
    ['3 s of which 100 ms are asked for', short, { audio_start_from: 1000, audio_end_at: 1100 }],
    ['3 s of which what follows is asked for', short, { audio_start_from: 60_000 }],
  ])('%s is too short', async (_what, wav, params) => {
    const transcript = await transcribe(await startStandIn(), wav, params)
    expect(transcript).toMatchObject({ status: 'error', error: 'Audio duration is too short.' })
  })

  test('170 ms is long enough', async () => {
    expect((await transcribe(await startStandIn(), silentWav(0.17))).status).toBe('completed')
  })

  test('an upload that was never made, a server that is not there and one that has no such file are errors', async () => {
    const standIn = await startStandIn()
    const addresses = [
      `${standIn.origin}/upload/3f2504e0-4f89-41d3-9a0c-0305e82c3301`,
      `${standIn.origin}/upload/../../transcripts.json`,
      `http://127.0.0.1:${await findFreePort()}/clip.wav`,
      `${standIn.origin}/no-such-file`,
    ]
    for (const address of addresses) {
      const transcript = await transcribe(standIn, address)
      expect(transcript.status).toBe('error')
      expect(transcript.error).toMatch(/^Download error, unable to download http/)
    }
  })

  test('a server on another machine is not asked', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch')
    const transcript = await transcribe(await startStandIn(), 'https://198.51.100.7/clip.mp3')
    expect(transcript.error).toMatch(/downloads from this machine only; upload the file instead/)
    expect(
      fetched.mock.calls.map(([url]) => String(url)).filter(url => url.includes('198.51.100.7')),
    ).toEqual([])
    fetched.mockRestore()
  })
})

describe('requests', () => {
  test.each([
    ['no audio_url', { audio_url: undefined }, /^audio_url: /],
    ['an audio_url that is none', { audio_url: 'clip.wav' }, /^audio_url: /],
    ['a local file', { audio_url: 'file:///etc/passwd' }, /^audio_url: /],
    ['no model in the list', { speech_models: [] }, /^"speech_models" must be a non-empty list/],
    ['an unknown model', { speech_models: ['nemo'] }, /^"speech_models" must be a non-empty list/],
    ['a webhook that is no address', { webhook_url: 'here' }, /^webhook_url: /],
    ['half of a webhook header', { webhook_auth_header_name: 'X-Secret' }, /must be set together$/],
    ['a header name that is none', { webhook_auth_header_name: 'X Secret' }, /^webhook_auth_header_name: /],
    [
      'an end before the start',
      { audio_start_from: 2000, audio_end_at: 1000 },
      /^audio_end_at must be greater/,
    ],
    ['a language it does not know', { language_code: 'de' }, /^The stand-in understands English only/],
    ['a feature it does not have', { sentiment_analysis: true }, /^sentiment_analysis is not available/],
  ])('%s: refused with 400', async (_what, body, message) => {
    const { origin } = await startStandIn()
    const response = await fetch(`${origin}/v2/transcript`, {
      method: 'POST',
      headers: { Authorization: KEY, 'Content-Type': 'application/json' },
      body: JSON.stringify({ audio_url: 'http://127.0.0.1/clip.wav', ...body }),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: expect.stringMatching(message) })
  })

  test('what the vendor documents is accepted and comes back', async () => {
    const { client } = await startStandIn()
    const params = {
      audio_url: 'http://127.0.0.1:1/clip.wav',
      speech_models: ['universal-3-5-pro', 'universal-2'],
      language_code: 'en_us',
      speaker_labels: true,
      speakers_expected: 2,
      keyterms_prompt: ['Dashwood'],
      audio_start_from: 0,
      audio_end_at: 5000,
      punctuate: true,
      format_text: true,
      sentiment_analysis: false,
    }
    const transcript = await client.transcripts.submit(params)
    expect(transcript).toMatchObject({
      status: 'queued',
      audio_url: params.audio_url,
      speech_models: params.speech_models,
      speaker_labels: true,
      speakers_expected: 2,
      audio_end_at: 5000,
      webhook_auth: false,
      text: null,
      words: null,
      audio_duration: null,
    })
  })

  test('without models it takes the default ones', async () => {
    const { client } = await startStandIn()
    const transcript = await client.transcripts.submit({ audio_url: 'http://127.0.0.1:1/clip.wav' })
    expect(transcript.speech_models).toEqual(['universal-3-pro', 'universal-2'])
  })

  test('an empty upload is refused', async () => {
    const { origin } = await startStandIn()
    const response = await fetch(`${origin}/v2/upload`, { method: 'POST', headers: { Authorization: KEY } })
    expect(response.status).toBe(422)
    expect(await response.json()).toEqual({ error: 'Upload failed, the file is empty.' })
  })

  test('an upload is taken whatever type it is said to have', async () => {
    const standIn = await startStandIn()
    for (const type of ['application/json', 'audio/wav', 'application/x-www-form-urlencoded']) {
      const response = await fetch(`${standIn.origin}/v2/upload`, {
        method: 'POST',
        headers: { Authorization: KEY, 'Content-Type': type },
        body: short,
      })
      expect(response.status).toBe(200)
    }
  })

  test('a key that is wrong or missing gets 401 in the vendor’s words', async () => {
    const { origin } = await startStandIn()
    const message = 'Authentication error, API token missing/invalid'
    const stranger = new AssemblyAI({ apiKey: 'another-key', baseUrl: origin })
    await expect(stranger.transcripts.list()).rejects.toThrow(message)
    await expect(stranger.files.upload(short)).rejects.toThrow(message)
    const response = await fetch(`${origin}/v2/transcript`)
    expect([response.status, await response.json()]).toEqual([401, { error: message }])
  })

  test('without a set key any key is good, but not none', async () => {
    const { origin } = await startStandIn({})
    const stranger = new AssemblyAI({ apiKey: 'any-key', baseUrl: origin })
    expect((await stranger.transcripts.list()).transcripts).toEqual([])
    expect((await fetch(`${origin}/v2/transcript`)).status).toBe(401)
  })

  test('an unknown transcript and an unknown route are told in the vendor’s shape', async () => {
    const { client, origin } = await startStandIn()
    await expect(client.transcripts.get('no-such-id')).rejects.toThrow(
      'Transcript lookup error, transcript id not found',
    )
    const response = await fetch(`${origin}/v2/nothing`, { headers: { Authorization: KEY } })
    expect([response.status, await response.json()]).toEqual([404, { error: 'Not found' }])
  })
})

describe('kept transcripts', () => {
  test('deleting leaves the id and the status, and removes text, words and upload', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'assemblyai-test-'))
    const standIn = await startStandIn({ stateDir })
    const { client } = standIn
    const { id } = await transcribe(standIn, short)
    expect(await readdir(join(stateDir, 'uploads'))).toHaveLength(1)

    const deleted = await client.transcripts.delete(id)
    expect(deleted).toMatchObject({
      id,
      status: 'completed',
      text: 'Deleted by user.',
      words: [],
      audio_url: 'http://deleted_by_user',
    })
    expect(await client.transcripts.get(id)).toEqual(deleted)
    expect(await readdir(join(stateDir, 'uploads'))).toEqual([])
    expect(await readFile(join(stateDir, 'transcripts.json'), 'utf8')).not.toMatch(/young/)
    await closeAll()
    await rm(stateDir, { recursive: true })
  })

  test('one that is still in work cannot be deleted', async () => {
    const standIn = await startStandIn()
    await setControl(standIn, { delay_ms: 600_000 })
    const { id } = await standIn.client.transcripts.submit({ audio_url: 'http://127.0.0.1:1/clip.wav' })
    await expect(standIn.client.transcripts.delete(id)).rejects.toThrow('still being processed')
  })

  test('the list is newest first and its pages lead to all of them, there and back', async () => {
    const { client } = await startStandIn()
    const ids: string[] = []
    for (let index = 0; index < 5; index++) {
      const { id } = await client.transcripts.transcribe(
        { audio_url: 'http://127.0.0.1:1/clip.wav' },
        POLLING,
      )
      ids.unshift(id)
    }

    const first = await client.transcripts.list({ limit: 2 })
    const second = await client.transcripts.list(first.page_details.prev_url ?? '')
    const third = await client.transcripts.list(second.page_details.prev_url ?? '')
    const older = [first, second, third].map(page => page.transcripts.map(transcript => transcript.id))
    expect(older.flat()).toEqual(ids)
    expect(third.page_details).toMatchObject({ prev_url: null, result_count: 1, limit: 2 })
    expect(first.page_details.next_url).toBeNull()
    const back = await client.transcripts.list(third.page_details.next_url ?? '')
    expect(back.transcripts.map(transcript => transcript.id)).toEqual(older[1])

    const [newest] = first.transcripts
    expect(newest).toMatchObject({ status: 'error', audio_url: 'http://127.0.0.1:1/clip.wav' })
    expect(newest?.created).toBeInstanceOf(Date)
    expect((await client.transcripts.list({ status: 'completed' })).transcripts).toEqual([])
    await expect(client.transcripts.list({ limit: 500 })).rejects.toThrow(/^limit: /)
  })
})

describe('webhooks', () => {
  type Call = { body: unknown; secret: unknown; type: unknown }
  let calls: Call[]
  let answers: number[]
  let webhookUrl: string

  beforeEach(async () => {
    calls = []
    answers = []
    const receiver = Fastify()
    receiver.post('/webhook', async (request, reply) => {
      calls.push({
        body: request.body,
        secret: request.headers['x-secret'],
        type: request.headers['content-type'],
      })
      return reply.code(answers.shift() ?? 204).send()
    })
    webhookUrl = `${await receiver.listen({ host: '127.0.0.1', port: 0 })}/webhook`
    open.push(receiver)
  })

  async function transcribeWithWebhook(standIn: StandIn, audio: Uint8Array = silentWav(1)): Promise<string> {
    const { id } = await transcribe(standIn, audio, {
      webhook_url: webhookUrl,
      webhook_auth_header_name: 'X-Secret',
      webhook_auth_header_value: 'open sesame',
    })
    return id
  }

  test('tell the id and the status, with the header that was asked for', async () => {
    const standIn = await startStandIn()
    const id = await transcribeWithWebhook(standIn)
    await eventually(() => expect(calls).toHaveLength(1))
    expect(calls[0]).toEqual({
      body: { transcript_id: id, status: 'completed' },
      secret: 'open sesame',
      type: 'application/json',
    })
    await eventually(async () =>
      expect(await standIn.client.transcripts.get(id)).toMatchObject({
        webhook_url: webhookUrl,
        webhook_auth: true,
        webhook_auth_header_name: 'X-Secret',
        webhook_status_code: 204,
      }),
    )
  })

  test('tell of a transcript that ended in an error', async () => {
    const id = await transcribeWithWebhook(await startStandIn(), Buffer.from('no audio'))
    await eventually(() => expect(calls[0]?.body).toEqual({ transcript_id: id, status: 'error' }))
  })

  test('are tried again after a 500 and a redirect until one is accepted', async () => {
    answers = [500, 302, 503, 201]
    const standIn = await startStandIn()
    const id = await transcribeWithWebhook(standIn)
    await eventually(async () =>
      expect((await standIn.client.transcripts.get(id)).webhook_status_code).toBe(201),
    )
    expect(calls).toHaveLength(4)
  })

  test.each([400, 401, 404, 429])('are ended by a %d', async status => {
    answers = [500, status]
    const standIn = await startStandIn()
    const id = await transcribeWithWebhook(standIn)
    await eventually(async () =>
      expect(await webhookLine(standIn, id)).toMatch(`given up: ${webhookUrl} · tries: 500, ${status}`),
    )
    expect(calls).toHaveLength(2)
  })

  test('are given up after ten tries', async () => {
    answers = Array.from({ length: 20 }, () => 500)
    const standIn = await startStandIn({ webhookRetryDelaysMs: [1, 2] })
    const id = await transcribeWithWebhook(standIn)
    await eventually(async () => expect(await webhookLine(standIn, id)).toMatch('given up'))
    expect(calls).toHaveLength(10)
  })

  test('are tried again when nobody answers', async () => {
    const standIn = await startStandIn({ webhookRetryDelaysMs: [1] })
    const nobody = `http://127.0.0.1:${await findFreePort()}/`
    const { id } = await transcribe(standIn, silentWav(1), { webhook_url: nobody })
    await eventually(async () => expect(await webhookLine(standIn, id)).toMatch('given up'))
    expect(await webhookLine(standIn, id)).toMatch(/(connect ECONNREFUSED.*){10}/)
  })

  test('that are under way when the server closes are delivered by the next one', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'assemblyai-test-'))
    answers = [500]
    const first = await startStandIn({ stateDir, webhookRetryDelaysMs: [600_000] })
    const id = await transcribeWithWebhook(first)
    await eventually(async () => expect(await webhookLine(first, id)).toMatch('tries: 500 · next try: '))
    await first.close()
    expect(calls).toHaveLength(1)

    await letTimeCome(stateDir, 'next_try_at')
    await startStandIn({ stateDir })
    await eventually(() => expect(calls).toHaveLength(2))
    expect(calls[1]).toEqual(calls[0])
    await closeAll()
    await rm(stateDir, { recursive: true })
  })

  /** What the page says of a transcript's webhook. */
  async function webhookLine({ origin }: StandIn, id: string): Promise<string> {
    const page = await (await fetch(origin)).text()
    return page.split('<article>').find(article => article.includes(id)) ?? ''
  }
})

describe('a restart', () => {
  let stateDir: string
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'assemblyai-test-'))
  })
  afterEach(async () => {
    await closeAll()
    await rm(stateDir, { recursive: true })
  })

  test('keeps what was transcribed', async () => {
    const first = await startStandIn({ stateDir })
    const before = await transcribe(first, short)
    await first.close()
    const second = await startStandIn({ stateDir, publicUrl: first.origin })
    expect(await second.client.transcripts.get(before.id)).toEqual(before)
  })

  test('takes up again what was in work, with its upload and its webhook', async () => {
    const told: unknown[] = []
    const receiver = Fastify()
    receiver.post('/webhook', async request => told.push(request.body))
    const webhookOrigin = await receiver.listen({ host: '127.0.0.1', port: 0 })
    open.push(receiver)

    const first = await startStandIn({ stateDir })
    await setControl(first, { delay_ms: 600_000 })
    const audio_url = await first.client.files.upload(short)
    const { id } = await first.client.transcripts.submit({
      audio_url,
      webhook_url: `${webhookOrigin}/webhook`,
    })
    await eventually(async () => expect((await first.client.transcripts.get(id)).status).toBe('processing'))
    await first.close()
    expect(told).toEqual([])

    await letTimeCome(stateDir, 'not_before')
    const second = await startStandIn({ stateDir, publicUrl: first.origin })
    const transcript = await second.client.transcripts.waitUntilReady(id, POLLING)
    expect(wordErrorRate(AUSTEN_0880, transcript.text ?? '')).toBeLessThanOrEqual(0.1)
    await eventually(() => expect(told).toEqual([{ transcript_id: id, status: 'completed' }]))
  })

  test('keeps nothing without a directory, not even temporary files', async () => {
    vi.stubEnv('TMPDIR', stateDir)
    const standIn = await startStandIn()
    await transcribe(standIn, short)
    expect(await readdir(stateDir)).toHaveLength(1)
    await standIn.close()
    expect(await readdir(stateDir)).toEqual([])
    vi.unstubAllEnvs()
  })
})

describe('the control', () => {
  test('makes the next calls fail with a status, and then no more', async () => {
    const standIn = await startStandIn()
    await setControl(standIn, { fail_next: { count: 2, status: 503 } })
    await expect(standIn.client.files.upload(short)).rejects.toThrow(
      'Server error, developers have been alerted.',
    )
    const response = await fetch(`${standIn.origin}/v2/transcript`, { headers: { Authorization: KEY } })
    expect(response.status).toBe(503)
    expect(await standIn.client.files.upload(short)).toMatch(`${standIn.origin}/upload/`)
  })

  test('makes the next transcripts end in an error', async () => {
    const standIn = await startStandIn()
    await setControl(standIn, { fail_transcripts: 1 })
    const failed = await transcribe(standIn, short)
    expect(failed).toMatchObject({
      status: 'error',
      error: 'Server error, developers have been alerted.',
      text: null,
    })
    expect((await transcribe(standIn, short)).status).toBe('completed')
  })

  test('keeps transcripts from being finished for a while', async () => {
    const standIn = await startStandIn()
    await setControl(standIn, { delay_ms: 600_000 })
    const slow = await standIn.client.transcripts.submit({ audio: short })
    await setControl(standIn, { delay_ms: 0 })
    expect((await transcribe(standIn, short)).status).toBe('completed')
    expect((await standIn.client.transcripts.get(slow.id)).status).toBe('processing')
  })

  test('shows what is set, changes only what it is given, and refuses the rest', async () => {
    const standIn = await startStandIn()
    const changed = await setControl(standIn, { delay_ms: 5 })
    expect(await changed.json()).toEqual({
      delay_ms: 5,
      fail_next: { count: 0, status: 500 },
      fail_transcripts: 0,
      fail_tokens: { count: 0, status: 500 },
      token_delay_ms: 0,
      max_sessions: null,
    })
    for (const change of [{ delay_ms: -1 }, { fail_next: { count: 1, status: 200 } }, { unknown: 1 }]) {
      const refused = await setControl(standIn, change)
      expect([refused.status, await refused.json()]).toEqual([400, { error: expect.stringMatching(/\S/) }])
    }
    expect(await (await fetch(`${standIn.origin}/control`)).json()).toMatchObject({ delay_ms: 5 })
  })
})

describe('the page', () => {
  test('says what to do while there are no transcripts', async () => {
    const { origin } = await startStandIn()
    const response = await fetch(`${origin}/`)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).toMatch('No transcripts yet. Transcribe a clip, then reload.')
  })

  test('shows transcripts newest first with their seconds, text and error, and nothing they say is taken for HTML', async () => {
    const standIn = await startStandIn()
    const spoken = await transcribe(standIn, short)
    await transcribe(standIn, silentWav(2))
    const failed = await transcribe(standIn, `http://127.0.0.1:1/<script>"`)
    const page = await (await fetch(standIn.origin)).text()

    const articles = page.split('<article>').slice(1)
    expect(articles).toHaveLength(3)
    expect(articles[0]).toMatch(failed.id)
    expect(articles[0]).toMatch('Download error, unable to download')
    expect(articles[1]).toMatch('Nobody speaks.')
    expect(articles[2]).toMatch(spoken.text ?? '')
    expect(articles[2]).toMatch('3 s of audio')
    expect(page).toMatch('width=device-width')
    expect(page).not.toMatch(/<script|src=|<link|@import/)
  })
})
