import type { ResponseCreateParamsBase } from 'openai/resources/responses/responses'
import * as z from 'zod'
import { OpenAiError } from './errors.ts'
import { assertStrict, JsonSchema } from './json-schema.ts'

const ContentPart = z.looseObject({ type: z.enum(['input_text', 'output_text']), text: z.string() })

const Message = z.looseObject({
  type: z.literal('message').optional(),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: z.union([z.string(), z.array(ContentPart)]),
})

const TextFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({
    type: z.literal('json_schema'),
    name: z
      .string()
      .max(64)
      .regex(/^[a-zA-Z0-9_-]+$/),
    description: z.string().optional(),
    strict: z.boolean().nullish(),
    schema: JsonSchema,
  }),
])

const anything = z.unknown().optional()

/** What the vendor's API knows and this stand-in doesn't do: it says so, rather than answer as if it had. */
const unsupported = {
  background: anything,
  context_management: anything,
  conversation: anything,
  image: anything,
  include: anything,
  max_tool_calls: anything,
  moderation: anything,
  previous_response_id: anything,
  prompt: anything,
  stream: anything,
  stream_options: anything,
  tools: anything,
}

/** What has no bearing on an extract: taken, and ignored. */
const ignored = {
  access_programs: anything,
  parallel_tool_calls: anything,
  prompt_cache_options: anything,
  prompt_cache_retention: anything,
  tool_choice: anything,
  top_logprobs: anything,
}

const shape = {
  model: z.string().min(1),
  input: z.union([z.string(), z.array(Message)]),
  instructions: z.string().nullish(),
  max_output_tokens: z.int().min(16).nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  prompt_cache_key: z.string().nullish(),
  reasoning: z
    .looseObject({ effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish() })
    .nullish(),
  safety_identifier: z.string().max(128).nullish(),
  service_tier: z.enum(['auto', 'default', 'flex', 'fast', 'priority', 'ultrafast', 'scale']).nullish(),
  store: z.boolean().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  text: z
    .strictObject({ format: TextFormat.optional(), verbosity: z.enum(['low', 'medium', 'high']).nullish() })
    .optional(),
  top_p: z.number().min(0).max(1).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  user: z.string().optional(),
  ...ignored,
  ...unsupported,
} satisfies Record<keyof ResponseCreateParamsBase, z.ZodType>

const ResponseRequest = z.strictObject(shape)

/** A checked request of `POST /v1/responses`. */
export type ResponseRequest = z.infer<typeof ResponseRequest>

/**
 * Checks a request's body as OpenAI does.
 *
 * @throws {OpenAiError} 400 with the parameter at fault
 */
export function parseRequest(body: unknown): ResponseRequest {
  const parsed = ResponseRequest.safeParse(body, { reportInput: true })
  if (!parsed.success) throw asOpenAiError(parsed.error.issues)
  const request = parsed.data
  refuseUnsupported(request)
  const format = request.text?.format
  if (format?.type === 'json_schema' && format.strict === true) assertStrict(format.name, format.schema)
  return request
}

function refuseUnsupported(request: ResponseRequest): void {
  for (const [name, value] of Object.entries(request)) {
    const isAsked =
      value !== undefined &&
      value !== null &&
      value !== false &&
      !(Array.isArray(value) && value.length === 0)
    if (!Object.hasOwn(unsupported, name) || !isAsked) continue
    throw new OpenAiError(
      400,
      `Unsupported parameter: '${name}' is not supported by the local stand-in. Leave it out.`,
      {
        param: name,
        code: 'unsupported_parameter',
      },
    )
  }
}

/** All text that the model reads: the instructions and every message. */
export function promptText(request: ResponseRequest): string {
  return [request.instructions ?? '', inputText(request)].filter(text => text !== '').join('\n')
}

/** The text of the input, messages one below the other. */
export function inputText({ input }: ResponseRequest): string {
  if (typeof input === 'string') return input
  return input
    .flatMap(message =>
      typeof message.content === 'string' ? message.content : message.content.map(part => part.text),
    )
    .join('\n')
}

type Issue = z.core.$ZodIssue

function asOpenAiError(issues: Issue[]): OpenAiError {
  const issue = innermost(issues[0])
  if (issue === undefined) return new OpenAiError(400, 'Invalid request.')
  const param = paramName(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const unknown = paramName([...issue.path, issue.keys[0] ?? ''])
    return new OpenAiError(400, `Unknown parameter: '${unknown}'.`, {
      param: unknown,
      code: 'unknown_parameter',
    })
  }
  if (issue.input === undefined) {
    return new OpenAiError(400, `Missing required parameter: '${param}'.`, {
      param,
      code: 'missing_required_parameter',
    })
  }
  const { text, code } = faultOf(issue)
  return new OpenAiError(400, `Invalid ${code === 'invalid_type' ? 'type for ' : ''}'${param}': ${text}`, {
    param,
    code,
  })
}

/** Of a union, the fault that lies inside one of its forms; a value of none of the forms is the union's own fault. */
function innermost(issue: Issue | undefined): Issue | undefined {
  if (issue?.code !== 'invalid_union') return issue
  const inner = issue.errors
    .map(errors => errors[0])
    .find(error => error !== undefined && error.path.length > 0)
  return inner === undefined ? issue : innermost({ ...inner, path: [...issue.path, ...inner.path] })
}

function paramName(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('')
}

function faultOf(issue: Issue): { text: string; code: string } {
  switch (issue.code) {
    case 'invalid_type':
      return {
        text: `expected ${withArticle(issue.expected)}, but got ${typeOf(issue.input)} instead.`,
        code: 'invalid_type',
      }
    case 'too_small':
    case 'too_big':
      return sizeFaultOf(issue)
    case 'invalid_value':
      return {
        text: `supported values are ${issue.values.map(value => `'${String(value)}'`).join(', ')}.`,
        code: 'invalid_value',
      }
    case 'invalid_union':
      return { text: `${typeOf(issue.input)} is not accepted here.`, code: 'invalid_type' }
    default:
      return { text: `${issue.message}.`, code: 'invalid_value' }
  }
}

function sizeFaultOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): {
  text: string
  code: string
} {
  const isBelow = issue.code === 'too_small'
  const bound = isBelow ? `>= ${issue.minimum}` : `<= ${issue.maximum}`
  const end = isBelow ? 'min' : 'max'
  if (issue.origin === 'string' || issue.origin === 'array') {
    return {
      text: `${issue.origin} too ${isBelow ? 'short' : 'long'}. Expected a length ${bound}.`,
      code: `${issue.origin}_${isBelow ? 'below' : 'above'}_${end}_length`,
    }
  }
  const kind = issue.origin === 'int' || Number.isInteger(issue.input) ? 'integer' : 'decimal'
  const side = isBelow ? 'below minimum' : 'above maximum'
  return {
    text: `${kind} ${side} value. Expected a value ${bound}, but got ${String(issue.input)} instead.`,
    code: `${kind}_${isBelow ? 'below' : 'above'}_${end}_value`,
  }
}

function withArticle(type: string): string {
  const name = type === 'int' ? 'integer' : type === 'record' ? 'object' : type
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return withArticle(Array.isArray(value) ? 'array' : typeof value)
}
