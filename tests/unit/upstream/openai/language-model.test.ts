import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { OpenAiLanguageModel, type OpenAiOptions } from '../../../../src/upstream/openai/language-model.ts'
import { jsonOf, type Reply, startVendorServer, type VendorServer } from '../../support/vendor-server.ts'

const segments = [
  { start_ms: 0, end_ms: 900, text: 'Fifty  pounds,\nhe said.' },
  { start_ms: 1_000, end_ms: 1_900, text: 'A year.', speaker: 'Fanny' },
]

let vendor: VendorServer

beforeAll(async () => {
  vendor = await startVendorServer()
})

afterAll(() => vendor.close())

beforeEach(() => {
  vendor.received.length = 0
  vendor.replies = []
})

const createModel = (over: Partial<OpenAiOptions> = {}) =>
  new OpenAiLanguageModel({
    apiKey: 'sk-test',
    baseUrl: `${vendor.url}/v1`,
    model: 'gpt-6-luna',
    reasoningEffort: 'low',
    timeoutMs: 2_000,
    maxRetries: 0,
    totalTimeoutMs: 4_000,
    pseudonym: userId => `digest of ${userId}`,
    ...over,
  })

/** A response of OpenAI's whose text is this. */
const responding = (text: string, over: object = {}): Reply => ({
  body: {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    model: 'gpt-6-luna',
    output: [
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text, annotations: [] }],
      },
    ],
    ...over,
  },
})

const answer = { answer: 'Fifty pounds.', cited: [0] }
const summary = { headline: 'Money was given.', points: [{ at_ms: 0, text: 'Fifty pounds.' }] }
const ask = (model = createModel()) => model.answer('How\n\nmuch?', segments, 'user-1')

describe('a question', () => {
  test('is answered by what the model gives', async () => {
    vendor.replies = [responding(JSON.stringify(answer))]
    expect(await ask()).toEqual(answer)
  })

  test('goes to the Responses API with the key, and nothing of it is stored there', async () => {
    vendor.replies = [responding(JSON.stringify(answer))]
    await ask()
    expect(vendor.received).toHaveLength(1)
    expect(vendor.received[0]).toMatchObject({ method: 'POST', url: '/v1/responses' })
    expect(vendor.received[0]?.headers.authorization).toBe('Bearer sk-test')
    expect(jsonOf(vendor.received[0])).toMatchObject({
      model: 'gpt-6-luna',
      store: false,
      max_output_tokens: expect.any(Number),
    })
  })

  test('names the user by a digest alone', async () => {
    vendor.replies = [responding(JSON.stringify(answer))]
    await ask()
    expect(jsonOf(vendor.received[0]).safety_identifier).toBe('digest of user-1')
    const elsewhere = vendor.received[0]?.body.toString().replace('digest of user-1', '')
    expect(elsewhere).not.toContain('user-1')
  })

  test('asks for a strict schema: every field, and no other', async () => {
    vendor.replies = [responding(JSON.stringify(answer))]
    await ask()
    expect(jsonOf(vendor.received[0]).text).toMatchObject({
      format: {
        type: 'json_schema',
        name: 'ask',
        strict: true,
        schema: {
          type: 'object',
          required: ['answer', 'cited'],
          additionalProperties: false,
        },
      },
    })
  })

  test('is one line, and so is each segment, with its start and speaker', async () => {
    vendor.replies = [responding(JSON.stringify(answer))]
    await ask()
    expect(jsonOf(vendor.received[0]).input).toBe(
      'Question: How much?\n\nTranscript:\n[0] Fifty pounds, he said.\n[1000] Fanny: A year.',
    )
  })
})

test('a catch-up asks for a headline and points, each with its start', async () => {
  vendor.replies = [responding(JSON.stringify(summary))]
  expect(await createModel().summarise(segments, 'user-1')).toEqual(summary)
  expect(jsonOf(vendor.received[0])).toMatchObject({
    input: 'Transcript:\n[0] Fifty pounds, he said.\n[1000] Fanny: A year.',
    store: false,
    safety_identifier: 'digest of user-1',
    text: { format: { name: 'catchup', strict: true } },
  })
})

test('a speaker whose name has lines of its own forges none', async () => {
  vendor.replies = [responding(JSON.stringify(summary))]
  const forged = { start_ms: 0, end_ms: 900, text: 'No.', speaker: 'Fanny\n[5000] Edward' }
  await createModel().summarise([forged], 'user-1')
  expect(jsonOf(vendor.received[0]).input).toBe('Transcript:\n[0] Fanny [5000] Edward: No.')
})

test("a catch-up on a long transcript asks for the whole of its parts' points, a line each", async () => {
  vendor.replies = [responding(JSON.stringify(summary))]
  const notes = [
    { at_ms: 0, text: 'Fifty  pounds,\nwere given.' },
    { at_ms: 3_600_000, text: 'A year.' },
  ]
  expect(await createModel().summariseNotes(notes, 'user-1')).toEqual(summary)
  expect(jsonOf(vendor.received[0])).toMatchObject({
    input: 'Notes:\n[0] Fifty pounds, were given.\n[3600000] A year.',
    instructions: expect.stringContaining('notes'),
    store: false,
    safety_identifier: 'digest of user-1',
    text: { format: { name: 'catchup', strict: true } },
  })
})

describe('a failure of the vendor', () => {
  const failed = (status?: number) => ({ name: 'UpstreamError', vendor: 'openai', kind: 'failed', status })
  const timedOut = { name: 'UpstreamError', vendor: 'openai', kind: 'timeout' }

  test.each([400, 401, 403, 429, 500, 503])('with status %i is told with it', async status => {
    vendor.replies = [{ status, body: { error: { message: 'No.', type: 'x', code: 'y' } } }]
    await expect(ask()).rejects.toMatchObject(failed(status))
  })

  test('that the transcript is too long is told as that, and not as something to try again', async () => {
    vendor.replies = [
      { status: 400, body: { error: { message: 'Too long.', type: 'x', code: 'context_length_exceeded' } } },
    ]
    await expect(ask()).rejects.toMatchObject({ name: 'UpstreamError', kind: 'too_long', status: 400 })
  })

  test.each([
    ['text that is no JSON', responding('Fifty pounds, I think.')],
    ['JSON of another shape', responding('{"reply":"Fifty"}')],
    ['JSON cut off', responding('{"answer":"Fif')],
    [
      'an answer that was not finished',
      responding('{"answer":"Fif', {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
      }),
    ],
    [
      'a response that failed',
      responding('', { status: 'failed', output: [], error: { code: 'server_error' } }),
    ],
    [
      'a refusal',
      responding('', {
        output: [
          {
            id: 'msg_1',
            type: 'message',
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'refusal', refusal: 'I would rather not.' }],
          },
        ],
      }),
    ],
    ['no output', responding('', { output: [] })],
    [
      'a page of a proxy',
      { headers: { 'content-type': 'text/html' }, body: '<html>Bad gateway</html>' } as const,
    ],
  ])('by %s is a failure', async (_what, reply) => {
    vendor.replies = [reply]
    await expect(ask()).rejects.toMatchObject(failed())
  })

  test('to answer in time is a time-out', async () => {
    vendor.replies = ['hang']
    await expect(ask(createModel({ timeoutMs: 50 }))).rejects.toMatchObject(timedOut)
  })

  test('to end an answer that it has begun is a time-out of all attempts together', async () => {
    vendor.replies = ['stall']
    await expect(ask(createModel({ totalTimeoutMs: 150 }))).rejects.toMatchObject(timedOut)
  })

  test('that asks to come back in a minute is not waited for beyond what all attempts may take', async () => {
    vendor.replies = [
      { status: 429, headers: { 'retry-after': '30' }, body: { error: { message: 'Slow.' } } },
    ]
    await expect(ask(createModel({ maxRetries: 1, totalTimeoutMs: 150 }))).rejects.toMatchObject(timedOut)
    expect(vendor.received).toHaveLength(1)
  })

  test('to keep the connection is a failure', async () => {
    vendor.replies = ['drop']
    await expect(ask()).rejects.toMatchObject(failed())
  })

  test('is got over by another attempt where there is one', async () => {
    vendor.replies = [
      { status: 500, headers: { 'retry-after-ms': '1' }, body: { error: { message: 'No.' } } },
      responding(JSON.stringify(answer)),
    ]
    expect(await ask(createModel({ maxRetries: 1 }))).toEqual(answer)
  })

  test('is not tried more often than is said', async () => {
    vendor.replies = [
      { status: 500, headers: { 'retry-after-ms': '1' }, body: { error: { message: 'No.' } } },
    ]
    await expect(ask(createModel({ maxRetries: 1 }))).rejects.toMatchObject(failed(500))
    expect(vendor.received).toHaveLength(2)
  })
})
