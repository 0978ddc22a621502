import { randomBytes } from 'node:crypto'
import type { Response, ResponseOutputMessage, ResponseUsage } from 'openai/resources/responses/responses'
import { label, plainText } from './compose.ts'
import type { Spoiling } from './control.ts'
import { extract } from './extract.ts'
import { fillSchema } from './fill.ts'
import { inputText, promptText, type ResponseRequest } from './request.ts'
import { readMaterial } from './transcript.ts'

/** OpenAI's rule of thumb for English text. */
const charsPerToken = 4

/** A text's length in tokens, estimated. */
function estimateTokens(text: string): number {
  return Math.ceil(text.length / charsPerToken)
}

/** An id as the vendor writes them: `resp_68e0…`, `req_…`. */
export function newId(prefix: string, bytes: number): string {
  return `${prefix}_${randomBytes(bytes).toString('hex')}`
}

/** What a response says, and whether it is all of it. */
interface Output {
  text: string
  isRefusal: boolean
  isIncomplete: boolean
}

/** Answers a request: the full object of `POST /v1/responses`. */
export function respond(request: ResponseRequest, spoiling: Spoiling | undefined): Response {
  const output = outputOf(request, spoiling)
  const nowSeconds = Math.floor(Date.now() / 1_000)
  return {
    id: newId('resp', 24),
    object: 'response',
    created_at: nowSeconds,
    completed_at: output.isIncomplete ? null : nowSeconds,
    status: output.isIncomplete ? 'incomplete' : 'completed',
    background: false,
    error: null,
    incomplete_details: output.isIncomplete ? { reason: 'max_output_tokens' } : null,
    access_programs: null,
    max_tool_calls: null,
    output: [messageOf(output)],
    output_text: output.isRefusal ? '' : output.text,
    parallel_tool_calls: true,
    previous_response_id: null,
    service_tier: 'default',
    tool_choice: 'auto',
    tools: [],
    top_logprobs: 0,
    usage: usageOf(promptText(request), output.text),
    ...settingsOf(request),
  } satisfies Response
}

/** The request's own settings, as the response repeats them. */
function settingsOf(request: ResponseRequest) {
  return {
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: request.metadata ?? {},
    model: request.model,
    prompt_cache_key: request.prompt_cache_key ?? null,
    reasoning: { effort: request.reasoning?.effort ?? null, summary: null },
    safety_identifier: request.safety_identifier ?? null,
    temperature: request.temperature ?? 1,
    text: { format: formatOf(request), verbosity: request.text?.verbosity ?? 'medium' },
    top_p: request.top_p ?? 1,
    truncation: request.truncation ?? 'disabled',
  } satisfies Partial<Response>
}

function usageOf(input: string, output: string): ResponseUsage {
  const inputTokens = estimateTokens(input)
  const outputTokens = estimateTokens(output)
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  }
}

function outputOf(request: ResponseRequest, spoiling: Spoiling | undefined): Output {
  if (spoiling === 'refused') {
    return { text: `${label}I can't help with that.`, isRefusal: true, isIncomplete: false }
  }
  const text = answerTo(request)
  const maxChars = (request.max_output_tokens ?? Number.POSITIVE_INFINITY) * charsPerToken
  const half = Math.floor(text.length / 2)
  if (spoiling === 'incomplete')
    return { text: text.slice(0, Math.min(half, maxChars)), isRefusal: false, isIncomplete: true }
  if (text.length > maxChars) return { text: text.slice(0, maxChars), isRefusal: false, isIncomplete: true }
  return {
    text: spoiling === 'malformed' ? text.slice(0, half) : text,
    isRefusal: false,
    isIncomplete: false,
  }
}

function answerTo(request: ResponseRequest): string {
  const found = extract(readMaterial(inputText(request)))
  const format = request.text?.format
  return format?.type === 'json_schema' ? JSON.stringify(fillSchema(format.schema, found)) : plainText(found)
}

function messageOf({ text, isRefusal, isIncomplete }: Output): ResponseOutputMessage {
  return {
    id: newId('msg', 24),
    type: 'message',
    status: isIncomplete ? 'incomplete' : 'completed',
    role: 'assistant',
    content: [
      isRefusal
        ? { type: 'refusal', refusal: text }
        : { type: 'output_text', text, annotations: [], logprobs: [] },
    ],
  }
}

function formatOf({ text }: ResponseRequest): NonNullable<NonNullable<Response['text']>['format']> {
  if (text?.format?.type !== 'json_schema') return { type: 'text' }
  const { type, name, description, schema, strict } = text.format
  return {
    type,
    name,
    schema,
    strict: strict ?? false,
    ...(description === undefined ? {} : { description }),
  }
}
