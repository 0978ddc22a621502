import * as z from 'zod'
import { OpenAiError } from './errors.ts'

const TypeName = z.enum(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'])

/** The part of JSON Schema that OpenAI's structured outputs know; other keywords pass through unread. */
export const JsonSchema = z.looseObject({
  type: z.union([TypeName, z.array(TypeName).min(1)]).optional(),
  get properties() {
    return z.record(z.string(), JsonSchema).optional()
  },
  required: z.array(z.string()).optional(),
  get items() {
    return JsonSchema.optional()
  },
  get anyOf() {
    return z.array(JsonSchema).min(1).optional()
  },
  get $defs() {
    return z.record(z.string(), JsonSchema).optional()
  },
  get definitions() {
    return z.record(z.string(), JsonSchema).optional()
  },
  $ref: z.string().optional(),
  enum: z.array(z.json()).min(1).optional(),
  const: z.json().optional(),
  pattern: z.string().refine(isRegularExpression, 'not a regular expression').optional(),
  format: z.string().optional(),
  minLength: z.int().min(0).optional(),
  maxLength: z.int().min(0).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  multipleOf: z.number().positive().optional(),
  minItems: z.int().min(0).optional(),
  maxItems: z.int().min(0).optional(),
})
export type JsonSchema = z.infer<typeof JsonSchema>

function isRegularExpression(pattern: string): boolean {
  try {
    new RegExp(pattern)
    return true
  } catch {
    return false
  }
}

/** The schema's types other than null; empty where it names none. */
export function valueTypes(schema: JsonSchema): string[] {
  return [schema.type ?? []].flat().filter(type => type !== 'null')
}

/**
 * Follows `$ref` (`#`, or a path into the same document such as `#/$defs/node`) to the schema that it means.
 *
 * @returns undefined where nothing stands there
 */
export function resolveRef(root: JsonSchema, schema: JsonSchema): JsonSchema | undefined {
  let current = schema
  const seen = new Set<JsonSchema>()
  while (current.$ref !== undefined) {
    if (seen.has(current)) return undefined
    seen.add(current)
    const target = JsonSchema.safeParse(atPointer(root, current.$ref))
    if (!target.success) return undefined
    current = target.data
  }
  return current
}

/** RFC 6901 in a URI fragment. */
function atPointer(root: JsonSchema, ref: string): unknown {
  if (!ref.startsWith('#')) return undefined
  let value: unknown = root
  for (const escaped of ref.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(escaped).replaceAll('~1', '/').replaceAll('~0', '~')
    value = Object(value)[key]
  }
  return value
}

/** Keywords that strict mode refuses (OpenAI's guide to structured outputs, "Supported schemas"). */
const refusedKeywords = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
]

type Path = readonly (string | number)[]

/**
 * Checks the rules of `strict: true`: the root is an object, and every object has `additionalProperties: false`
 * and lists all its properties in `required`.
 *
 * @throws {OpenAiError} 400 `invalid_json_schema` that names the first offending place
 */
export function assertStrict(name: string, root: JsonSchema): void {
  if (root.anyOf !== undefined || resolveRef(root, root)?.type !== 'object') {
    throw invalidSchema(
      name,
      `schema must be a JSON Schema of 'type: "object"', got 'type: ${shown(root.type)}'.`,
    )
  }
  for (const [path, schema] of eachSchema(root, [])) {
    const fault = faultOf(root, schema)
    if (fault !== undefined) throw invalidSchema(name, `In context=${asContext(path)}, ${fault}`)
  }
}

function invalidSchema(name: string, fault: string): OpenAiError {
  return new OpenAiError(400, `Invalid schema for response_format '${name}': ${fault}`, {
    param: 'text.format.schema',
    code: 'invalid_json_schema',
  })
}

function shown(type: JsonSchema['type']): string {
  return type === undefined ? '"None"' : JSON.stringify(type)
}

/** The service prints the place as a Python tuple: `()`, `('items',)`, `('properties', 'points', 'items')`. */
function asContext(path: Path): string {
  const parts = path.map(part => `'${part}'`)
  return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(', ')})`
}

function* eachSchema(schema: JsonSchema, path: Path): Generator<[Path, JsonSchema]> {
  yield [path, schema]
  for (const keyword of ['properties', '$defs', 'definitions'] as const) {
    for (const [key, child] of Object.entries(schema[keyword] ?? {}))
      yield* eachSchema(child, [...path, keyword, key])
  }
  if (schema.items !== undefined) yield* eachSchema(schema.items, [...path, 'items'])
  for (const [index, child] of (schema.anyOf ?? []).entries())
    yield* eachSchema(child, [...path, 'anyOf', index])
}

function faultOf(root: JsonSchema, schema: JsonSchema): string | undefined {
  const refused = refusedKeywords.find(keyword => schema[keyword] !== undefined)
  if (refused !== undefined) return `'${refused}' is not permitted.`
  if (schema.$ref !== undefined) {
    return resolveRef(root, schema) === undefined
      ? `reference to '${schema.$ref}' can't be resolved.`
      : undefined
  }
  if (schema.anyOf !== undefined || schema.enum !== undefined || schema.const !== undefined) return undefined
  if (schema.type === undefined) return "schema must have a 'type' key."
  const types = valueTypes(schema)
  if (types.includes('array') && schema.items === undefined) return 'array schema missing items.'
  return types.includes('object') ? objectFaultOf(schema) : undefined
}

function objectFaultOf(schema: JsonSchema): string | undefined {
  if (schema.additionalProperties !== false) {
    return "'additionalProperties' is required to be supplied and to be false."
  }
  const keys = Object.keys(schema.properties ?? {})
  const required = schema.required ?? []
  const missing = keys.find(key => !required.includes(key))
  if (missing !== undefined) {
    return `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`
  }
  const extra = required.find(key => !keys.includes(key))
  return extra === undefined ? undefined : `'required' holds '${extra}', which is not in properties.`
}
