/**
 * An error as OpenAI's API answers it: the HTTP status, and `{"error": {message, type, param, code}}`.
 * Messages and codes are those that the real service was seen to send, where it has the error at all.
 */
export class OpenAiError extends Error {
  readonly status: number
  readonly type: string
  readonly param: string | null
  readonly code: string | null

  constructor(
    status: number,
    message: string,
    details: { type?: string; param?: string | null; code?: string | null } = {},
  ) {
    super(message)
    this.name = 'OpenAiError'
    this.status = status
    this.type = details.type ?? 'invalid_request_error'
    this.param = details.param ?? null
    this.code = details.code ?? null
  }

  get body(): { error: { message: string; type: string; param: string | null; code: string | null } } {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } }
  }
}

/** No `Authorization: Bearer` header. */
export function missingKey(): OpenAiError {
  return new OpenAiError(
    401,
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
  )
}

/** A key that is not the configured one. Like the real service it shows only the key's ends. */
export function wrongKey(key: string): OpenAiError {
  const masked = key.length > 12 ? `${key.slice(0, 8)}***${key.slice(-4)}` : '***'
  return new OpenAiError(
    401,
    `Incorrect API key provided: ${masked}. You can find your API key at https://platform.openai.com/account/api-keys.`,
    { code: 'invalid_api_key' },
  )
}

/** What the service answers when it fails by itself; the SDK retries 408, 409, 429 and everything from 500. */
export function serviceFailure(status: number): OpenAiError {
  if (status === 429) {
    return new OpenAiError(429, 'Rate limit reached. Please try again later.', {
      type: 'requests',
      code: 'rate_limit_exceeded',
    })
  }
  if (status >= 500) {
    return new OpenAiError(
      status,
      'The server had an error while processing your request. Sorry about that!',
      {
        type: 'server_error',
      },
    )
  }
  return new OpenAiError(status, `The local stand-in was told to fail with status ${status}.`)
}
