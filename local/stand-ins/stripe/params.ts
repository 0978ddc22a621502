import qs from 'qs'
import * as z from 'zod'
import { invalidRequest, type StripeApiError } from './errors.ts'

/**
 * Parses a form-encoded body or query with nested brackets (`line_items[0][price]=…`), as the SDK writes it.
 * Every leaf is a string.
 *
 * @throws StripeApiError when it is nested deeper than any Stripe parameter
 */
export function parseForm(encoded: string): unknown {
  try {
    return qs.parse(encoded, {
      plainObjects: true,
      depth: 10,
      strictDepth: true,
      arrayLimit: 1_000,
      allowSparse: true,
      parameterLimit: 5_000,
    })
  } catch (error) {
    throw invalidRequest(`The parameters cannot be read. (${String(error)})`)
  }
}

/**
 * Checks parameters against `schema`.
 *
 * @throws StripeApiError with the code that Stripe gives: `parameter_unknown`, `parameter_missing`, or the
 *   one that the schema's own check names
 */
export function parseParams<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.output<Schema> {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  throw toStripeError(parsed.error.issues, raw)
}

/** Text that may be left out, but not sent empty. */
export function text(maxLength: number): z.ZodType<string, string> {
  return z
    .string()
    .refine(value => value !== '', {
      abort: true,
      error: 'You passed an empty string. Leave the parameter out to keep it unset.',
      params: { code: 'parameter_invalid_empty' },
    })
    .refine(value => value.length <= maxLength, {
      error: `Invalid string: must be at most ${maxLength} characters`,
    })
}

/** Text for which the empty string stands for null, as the SDK sends it. */
export function clearableText(maxLength: number): z.ZodType<string | null, string> {
  return z
    .string()
    .max(maxLength, { error: `Invalid string: must be at most ${maxLength} characters` })
    .transform(value => (value === '' ? null : value))
}

/** A whole number in decimal digits. */
export function integer(range: { min?: number; max?: number } = {}): z.ZodType<number, string> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = range
  return z
    .string()
    .refine(value => /^-?\d+$/.test(value), {
      abort: true,
      error: issue => `Invalid integer: ${String(issue.input)}`,
      params: { code: 'parameter_invalid_integer' },
    })
    .refine(value => Number(value) >= min, {
      error: `This value must be greater than or equal to ${min}.`,
      params: { code: 'parameter_invalid_integer' },
    })
    .refine(value => Number(value) <= max, {
      error: `This value must be less than or equal to ${max}.`,
      params: { code: 'parameter_invalid_integer' },
    })
    .transform(Number)
}

/** `true` or `false`. */
export const flag: z.ZodType<boolean, string> = z
  .string()
  .refine(value => value === 'true' || value === 'false', {
    error: issue => `Invalid boolean: ${String(issue.input)}`,
  })
  .transform(value => value === 'true')

/** An http or https address. */
export const url: z.ZodType<string, string> = z
  .string()
  .max(5_000)
  .refine(isWebUrl, {
    error: 'Not a valid URL. It must begin with http:// or https://.',
    params: { code: 'url_invalid' },
  })

/** An e-mail address, checked as loosely as Stripe does; empty stands for null. */
export const clearableEmail: z.ZodType<string | null, string> = z
  .string()
  .max(512)
  .refine(value => value === '' || /^[^\s@]+@[^\s@]+$/.test(value), {
    error: issue => `Invalid email address: ${String(issue.input)}`,
    params: { code: 'email_invalid' },
  })
  .transform(value => (value === '' ? null : value))

/**
 * Metadata: at most 50 keys of 40 characters with values of 500 (https://docs.stripe.com/api/metadata).
 * The empty string in place of the whole clears it, in place of a value it removes the key.
 */
export const metadata: z.ZodType<Record<string, string> | ''> = z.union([
  z.literal(''),
  z.preprocess(
    numbersAsKeys,
    z
      .record(z.string(), z.string().max(500, { error: 'Metadata values can be at most 500 characters.' }))
      .refine(entries => Object.keys(entries).length <= 50, { error: 'Metadata can have at most 50 keys.' })
      .refine(entries => Object.keys(entries).every(key => key.length <= 40), {
        error: 'Metadata keys can be at most 40 characters.',
      }),
  ),
])

/** `metadata[0]=a` reads like an array, but its keys may be any text. */
function numbersAsKeys(value: unknown): unknown {
  return Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : value
}

/** What metadata becomes when a request's `metadata` parameter is applied to it. */
export function mergeMetadata(
  current: Record<string, string>,
  change: Record<string, string> | '' | undefined,
): Record<string, string> {
  if (change === undefined) return current
  if (change === '') return {}
  return Object.fromEntries(Object.entries({ ...current, ...change }).filter(([, value]) => value !== ''))
}

/** The `expand` parameter, for the names that can be expanded. */
export function expand(...names: string[]): z.ZodType<string[]> {
  const name = z.string().refine(value => names.includes(value), {
    error: issue => `This property cannot be expanded (${String(issue.input)}).`,
  })
  return z.array(name).default([])
}

/** A time filter: one second, or bounds in seconds. */
export const createdFilter = z.union([
  integer(),
  z.strictObject({
    gt: integer().optional(),
    gte: integer().optional(),
    lt: integer().optional(),
    lte: integer().optional(),
  }),
])

function isWebUrl(value: string): boolean {
  const parsed = URL.parse(value)
  return parsed !== null && (parsed.protocol === 'http:' || parsed.protocol === 'https:')
}

type Issue = z.core.$ZodIssue

function toStripeError(issues: readonly Issue[], raw: unknown): StripeApiError {
  const unknown = issues.find(issue => issue.code === 'unrecognized_keys')
  if (unknown !== undefined) return unknownParameters(unknown)

  const issue = issues[0]
  if (issue === undefined) return invalidRequest('The request is invalid.')
  if (issue.code === 'invalid_union') return toStripeError(closestBranch(issue), raw)

  const param = paramName(issue.path)
  if (valueAt(raw, issue.path) === undefined) {
    return invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
  }
  return invalidRequest(describe(issue), { ...codeOf(issue), ...(param === '' ? {} : { param }) })
}

function unknownParameters(issue: z.core.$ZodIssueUnrecognizedKeys): StripeApiError {
  const names = issue.keys.map(key => paramName([...issue.path, key]))
  const message = `Received unknown parameter${names.length > 1 ? 's' : ''}: ${names.join(', ')}`
  return invalidRequest(`${message}. If Stripe knows it, the local stand-in does not.`, {
    code: 'parameter_unknown',
    ...(names[0] === undefined ? {} : { param: names[0] }),
  })
}

/** The issues of the alternative that the value was meant for: the one whose form it has. */
function closestBranch(issue: z.core.$ZodIssueInvalidUnion): Issue[] {
  const meant =
    issue.errors.find(branch => branch.every(inner => !isWrongForm(inner))) ?? issue.errors[0] ?? []
  return meant.map(inner => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

function isWrongForm(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

function describe(issue: Issue): string {
  if (issue.code === 'invalid_value') {
    return `Invalid ${paramName(issue.path)}: must be one of ${issue.values.map(String).join(', ')}`
  }
  if (issue.code === 'invalid_type') return `Invalid ${issue.expected}`
  return issue.message
}

function codeOf(issue: Issue): { code?: string } {
  const code: unknown = issue.code === 'custom' ? issue.params?.code : undefined
  return typeof code === 'string' ? { code } : {}
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined
    current = Reflect.get(current, key)
  }
  return current
}

/** `['line_items', 0, 'price']` as `line_items[0][price]`. */
function paramName(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path.map(String)
  return first === undefined ? '' : first + rest.map(key => `[${key}]`).join('')
}
