import Fastify, { type FastifyInstance } from 'fastify'
import OpenAI from 'openai'
import { zodTextFormat } from 'openai/helpers/zod'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { openAiStandIn } from '../../local/stand-ins/openai/plugin.ts'

const Ask = z.object({ answer: z.string(), cited: z.array(z.int()) })
const Catchup = z.object({
  headline: z.string(),
  points: z.array(z.object({ at_ms: z.int(), text: z.string() })),
})

const lines = [
  '[0] Anna: Good morning everyone, thanks for joining.',
  '[4200] Anna: Today we have to decide when the new billing system goes live.',
  '[9800] Ben: The migration of the customer invoices took longer than we planned.',
  '[15100] Ben: About four thousand invoices still have to be moved, so not before the twelfth of May.',
  '[22000] Anna: Okay.',
  '[23500] Carla: Support needs one week of training on the new billing system first.',
  '[29000] Carla: Two of my people are on holiday until the third of May.',
  '[34200] Anna: Then let us agree on the fourteenth of May for the billing launch.',
  '[40100] Ben: Agreed, the invoices will be migrated by then.',
  '[44000] Anna: Ben, please write the rollback plan and send it to the whole team by Friday.',
  '[51000] Ben: Will do.',
  '[53000] Carla: By the way, the coffee machine on the second floor is broken again.',
  '[58000] Anna: I will call the repair service about the coffee machine.',
]
const transcript = lines.join('\n')
const label = 'Extract (local stand-in): '

function questionPrompt(question: string): string {
  return `Question: ${question}\nTranscript:\n${transcript}`
}

let app: FastifyInstance
let origin: string
let callCount = 0

beforeAll(async () => {
  app = Fastify()
  app.addHook('onRequest', async request => {
    if (request.url.startsWith('/openai/v1/responses')) callCount += 1
  })
  await app.register(openAiStandIn, { prefix: '/openai', apiKey: 'sk-local-stand-in' })
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
})

afterAll(() => app.close())

beforeEach(async () => {
  callCount = 0
  await control({
    delay_ms: 0,
    fail_next: { count: 0, status: 500 },
    malformed_next: 0,
    incomplete_next: 0,
    refuse_next: 0,
  })
})

async function control(change: object): Promise<Response> {
  return fetch(`${origin}/openai/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  })
}

function client(options: { apiKey?: string; maxRetries?: number; timeout?: number } = {}): OpenAI {
  return new OpenAI({ apiKey: 'sk-local-stand-in', baseURL: `${origin}/openai/v1`, ...options })
}

function ask(openai: OpenAI, question: string, options: { signal?: AbortSignal } = {}) {
  return openai.responses.parse(
    {
      model: 'gpt-6-luna',
      instructions: 'Answer from the transcript.',
      input: questionPrompt(question),
      text: { format: zodTextFormat(Ask, 'ask') },
      max_output_tokens: 1_000,
      store: false,
      safety_identifier: 'user-1',
    },
    options,
  )
}

describe('the catch-up schema', () => {
  test('gets points that are lines of the transcript, in time order and without the small talk', async () => {
    const response = await client().responses.parse({
      model: 'gpt-6-luna',
      input: `Transcript:\n${transcript}`,
      text: { format: zodTextFormat(Catchup, 'catchup') },
    })

    const { headline, points } = Catchup.parse(response.output_parsed)
    expect(headline.startsWith(label)).toBe(true)
    expect(points.length).toBeGreaterThanOrEqual(3)
    for (const point of points) expect(lines).toContain(`[${point.at_ms}] ${point.text}`)
    const times = points.map(point => point.at_ms)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(new Set(times).size).toBe(times.length)
    expect(times).toContain(4200)
    expect(times).not.toContain(22000)
    expect(times).not.toContain(51000)
  })

  test('gets no points from an empty transcript', async () => {
    const response = await client().responses.parse({
      model: 'gpt-6-luna',
      input: 'Transcript:\n',
      text: { format: zodTextFormat(Catchup, 'catchup') },
    })
    expect(response.output_parsed).toEqual({ headline: `${label}there is nothing to sum up.`, points: [] })
  })
})

describe('the question schema', () => {
  test.each([
    ['Who is writing the rollback plan?', [44000]],
    ['What is broken?', [53000]],
    ['When are the people from support on holiday?', [29000]],
    ['What is said about the coffee machine?', [53000, 58000]],
  ])('answers "%s" with the lines that say so', async (question, expected) => {
    const { output_parsed } = await ask(client(), question)
    const { answer, cited } = Ask.parse(output_parsed)
    expect(cited).toEqual(expected)
    const said = lines.filter(line => expected.some(startMs => line.startsWith(`[${startMs}]`)))
    expect(answer).toBe(label + said.map(line => line.replace(/^\[\d+\] /, '')).join(' '))
  })

  test('says so when the transcript does not hold the answer', async () => {
    const { output_parsed } = await ask(client(), 'Which elephant lives in Zurich?')
    expect(output_parsed).toEqual({ answer: `${label}the transcript does not say.`, cited: [] })
  })

  test('is read from a list of messages as from one text', async () => {
    const response = await client().responses.parse({
      model: 'gpt-6-luna',
      input: [
        { role: 'developer', content: 'Answer from the transcript.' },
        { role: 'user', content: [{ type: 'input_text', text: questionPrompt('What is broken?') }] },
      ],
      text: { format: zodTextFormat(Ask, 'ask') },
    })
    expect(response.output_parsed?.cited).toEqual([53000])
  })
})

test('without a schema the answer is text', async () => {
  const response = await client().responses.create({
    model: 'gpt-6-luna',
    input: questionPrompt('What is broken?'),
  })
  expect(response.output_text).toBe(
    `${label}Carla: By the way, the coffee machine on the second floor is broken again.`,
  )
  expect(response.text?.format).toEqual({ type: 'text' })
})

test('a response has the usage, the status, the settings and the request id of a real one', async () => {
  const { data: response, request_id } = await client()
    .responses.create({
      model: 'gpt-6-luna',
      instructions: 'Be brief.',
      input: questionPrompt('What is broken?'),
      max_output_tokens: 500,
      store: false,
      safety_identifier: 'user-1',
      reasoning: { effort: 'low' },
    })
    .withResponse()
  expect(request_id).toMatch(/^req_/)
  expect(response).toMatchObject({
    id: expect.stringMatching(/^resp_/),
    object: 'response',
    status: 'completed',
    incomplete_details: null,
    error: null,
    model: 'gpt-6-luna',
    instructions: 'Be brief.',
    max_output_tokens: 500,
    safety_identifier: 'user-1',
    reasoning: { effort: 'low' },
  })
  const usage = response.usage
  expect(usage?.input_tokens).toBeGreaterThan(transcript.length / 5)
  expect(usage?.output_tokens).toBe(Math.ceil(response.output_text.length / 4))
  expect(usage?.total_tokens).toBe((usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0))
})

test('the models are listed', async () => {
  const models = await client().models.list()
  expect(models.data.map(model => model.id)).toContain('gpt-6-luna')
})

describe('a request that is not right', () => {
  const base = { model: 'gpt-6-luna', input: 'Hello.' }
  const strictFormat = (schema: object) => ({
    ...base,
    text: { format: { type: 'json_schema', name: 'ask', strict: true, schema } },
  })
  const text = { type: 'string' }

  test.each([
    ['no model', { input: 'Hello.' }, 'model', 'missing_required_parameter'],
    ['no input', { model: 'gpt-6-luna' }, 'input', 'missing_required_parameter'],
    ['an input that is a number', { ...base, input: 5 }, 'input', 'invalid_type'],
    [
      'a message without content',
      { ...base, input: [{ role: 'user' }] },
      'input[0].content',
      'missing_required_parameter',
    ],
    [
      'too few output tokens',
      { ...base, max_output_tokens: 15 },
      'max_output_tokens',
      'integer_below_min_value',
    ],
    ['output tokens as text', { ...base, max_output_tokens: '100' }, 'max_output_tokens', 'invalid_type'],
    ['an unknown parameter', { ...base, max_tokens: 100 }, 'max_tokens', 'unknown_parameter'],
    ['streaming', { ...base, stream: true }, 'stream', 'unsupported_parameter'],
    [
      'a schema name with a space',
      { ...base, text: { format: { type: 'json_schema', name: 'a b', schema: {} } } },
      'text.format.name',
      'invalid_value',
    ],
    [
      'a pattern that is no regular expression',
      {
        ...base,
        text: { format: { type: 'json_schema', name: 'a', schema: { type: 'string', pattern: '(' } } },
      },
      'text.format.schema.pattern',
      'invalid_value',
    ],
    [
      'a pattern that no text can be made for',
      {
        ...base,
        text: {
          format: { type: 'json_schema', name: 'a', schema: { type: 'string', pattern: '^(?=x)y?x$' } },
        },
      },
      'text.format.schema',
      'unsupported_parameter',
    ],
  ])('with %s is refused and names the parameter', async (_what, body, param, code) => {
    const refusal = client().post('/responses', { body })
    await expect(refusal).rejects.toBeInstanceOf(OpenAI.BadRequestError)
    await expect(refusal).rejects.toMatchObject({ status: 400, type: 'invalid_request_error', param, code })
    expect(callCount).toBe(1)
  })

  test.each([
    [
      'an object open to more properties',
      { type: 'object', properties: { answer: text }, required: ['answer'] },
      "In context=(), 'additionalProperties' is required to be supplied and to be false.",
    ],
    [
      'a property that may be left out',
      {
        type: 'object',
        properties: { answer: text, note: text },
        required: ['answer'],
        additionalProperties: false,
      },
      "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'note'.",
    ],
    [
      'an open object deep inside',
      {
        type: 'object',
        properties: { points: { type: 'array', items: { type: 'object', properties: {}, required: [] } } },
        required: ['points'],
        additionalProperties: false,
      },
      "In context=('properties', 'points', 'items'), 'additionalProperties' is required to be supplied and to be false.",
    ],
    [
      'a list at its root',
      { type: 'array', items: text },
      `schema must be a JSON Schema of 'type: "object"', got 'type: "array"'.`,
    ],
  ])('by a strict schema with %s is refused and names the place', async (_what, schema, fault) => {
    await expect(client().post('/responses', { body: strictFormat(schema) })).rejects.toMatchObject({
      status: 400,
      code: 'invalid_json_schema',
      param: 'text.format.schema',
      message: `400 Invalid schema for response_format 'ask': ${fault}`,
    })
  })

  test('the same schema is taken without strict', async () => {
    const body = { type: 'object', properties: { answer: text }, required: ['answer'] }
    const response = await client().responses.create({
      ...base,
      text: { format: { type: 'json_schema', name: 'ask', schema: body } },
    })
    expect(JSON.parse(response.output_text)).toEqual({ answer: `${label}Hello.` })
  })

  test('with a body that is not JSON is refused in the same shape', async () => {
    const answer = await fetch(`${origin}/openai/v1/responses`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-local-stand-in', 'content-type': 'application/json' },
      body: '{"model":',
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
  })

  test('to an unknown path is a NotFoundError', async () => {
    await expect(client().post('/nothing')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })
})

test('another key is an AuthenticationError that does not show the key, and is not retried', async () => {
  const refusal = ask(client({ apiKey: 'sk-somebody-elses-key' }), 'What is broken?')
  await expect(refusal).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
  await expect(refusal).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
  await expect(refusal).rejects.toThrow(/^(?!.*sk-somebody-elses-key)/)
  expect(callCount).toBe(1)
})

describe('a failing service', () => {
  test.each([429, 500])('that answers %i twice is asked three times by the SDK', async status => {
    await control({ fail_next: { count: 2, status } })
    const { output_parsed } = await ask(client({ maxRetries: 2 }), 'What is broken?')
    expect(output_parsed?.cited).toEqual([53000])
    expect(callCount).toBe(3)
  })

  test.each([
    [429, OpenAI.RateLimitError, 'rate_limit_exceeded'],
    [500, OpenAI.InternalServerError, null],
    [503, OpenAI.InternalServerError, null],
  ])('that goes on answering %i becomes a typed error', async (status, errorClass, code) => {
    await control({ fail_next: { count: 2, status } })
    const failure = ask(client({ maxRetries: 0 }), 'What is broken?')
    await expect(failure).rejects.toBeInstanceOf(errorClass)
    await expect(failure).rejects.toMatchObject({ status, code })
    expect(callCount).toBe(1)
  })
})

describe('an answer that is not whole', () => {
  test('stops at max_output_tokens: incomplete, and nothing is parsed', async () => {
    const response = await client().responses.parse({
      model: 'gpt-6-luna',
      input: `Transcript:\n${transcript}`,
      text: { format: zodTextFormat(Catchup, 'catchup') },
      max_output_tokens: 16,
    })
    expect(response.status).toBe('incomplete')
    expect(response.incomplete_details?.reason).toBe('max_output_tokens')
    expect(response.output_parsed).toBeNull()
    expect(response.output_text).toHaveLength(64)
    expect(response.usage?.output_tokens).toBe(16)
  })

  test('stops halfway when told to', async () => {
    await control({ incomplete_next: 1 })
    const response = await ask(client(), 'What is broken?')
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    })
    expect(response.output_parsed).toBeNull()
    expect((await ask(client(), 'What is broken?')).status).toBe('completed')
  })

  test('is a SyntaxError when its JSON is cut short', async () => {
    await control({ malformed_next: 1 })
    await expect(ask(client(), 'What is broken?')).rejects.toBeInstanceOf(SyntaxError)
    expect((await ask(client(), 'What is broken?')).output_parsed?.cited).toEqual([53000])
  })

  test('is a refusal when told to: completed, and nothing is parsed', async () => {
    await control({ refuse_next: 1 })
    const response = await ask(client(), 'What is broken?')
    expect(response.status).toBe('completed')
    expect(response.output_parsed).toBeNull()
    expect(response.output).toMatchObject([
      { content: [{ type: 'refusal', refusal: expect.stringContaining(label) }] },
    ])
  })
})

describe('a slow service', () => {
  test('can be left through a signal', async () => {
    await control({ delay_ms: 60_000 })
    const controller = new AbortController()
    const answer = ask(client(), 'What is broken?', { signal: controller.signal })
    const ending = expect(answer).rejects.toBeInstanceOf(OpenAI.APIUserAbortError)
    await expect.poll(() => callCount).toBe(1)
    controller.abort()
    await ending
    await expect.poll(async () => (await fetch(`${origin}/openai/`)).text()).toContain('hung up')
  })

  test('runs into the timeout of the SDK', async () => {
    await control({ delay_ms: 60_000 })
    const answer = ask(client({ timeout: 100, maxRetries: 0 }), 'What is broken?')
    await expect(answer).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError)
  })
})

describe('the pages beside the API', () => {
  test('show the recent calls, newest first and escaped', async () => {
    await client().responses.create({ model: 'gpt-6-luna', input: '[0] The first call.' })
    await client().responses.create({ model: 'gpt-6-luna', input: '[0] The <b>second</b> call.' })
    const answer = await fetch(`${origin}/openai/`)
    const html = await answer.text()
    expect(answer.headers.get('content-type')).toContain('text/html')
    expect(html).toContain('The &lt;b&gt;second&lt;/b&gt; call.')
    expect(html).not.toContain('<b>')
    expect(html.indexOf('second')).toBeLessThan(html.indexOf('The first call.'))
  })

  test('show what is set to go wrong', async () => {
    await control({ fail_next: { count: 3, status: 503 } })
    const state = await fetch(`${origin}/openai/control`)
    expect(await state.json()).toEqual({
      delay_ms: 0,
      fail_next: { count: 3, status: 503 },
      malformed_next: 0,
      incomplete_next: 0,
      refuse_next: 0,
    })
  })

  test.each([{ delay: 5 }, { delay_ms: -1 }, { fail_next: { count: 1, status: 200 } }])(
    'refuse the control %j',
    async change => {
      expect((await control(change)).status).toBe(400)
    },
  )
})
