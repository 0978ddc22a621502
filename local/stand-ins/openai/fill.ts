import fc from 'fast-check'
import type * as z from 'zod'
import { label, shorten, singleText } from './compose.ts'
import { OpenAiError } from './errors.ts'
import type { Extract } from './extract.ts'
import { type JsonSchema, resolveRef, valueTypes } from './json-schema.ts'
import type { Line } from './transcript.ts'

type Json = z.core.util.JSONType

/** Where the walk stands. */
interface Place {
  /** The name of the property being filled; of an array's items, the array's. */
  key: string
  /** The line that the array item around this place is about; undefined outside of arrays. */
  line: Line | undefined
  /** How many objects and arrays there are around this place. */
  depth: number
}

/** A schema that refers to itself is cut off here: arrays stay as short as they may, what can be null is null. */
const maxDepth = 6

/**
 * Fills a JSON Schema with an extract: a text gets the answer or headline, an array one item for each picked line,
 * a property whose name ends in `_ms` the line's start. What is outside of arrays is labelled as the stand-in's; where
 * all texts are in arrays, those are.
 */
export function fillSchema(root: JsonSchema, extract: Extract): Json {
  const filler = new Filler(root, extract, false)
  const value = filler.fill(root, { key: '', line: undefined, depth: 0 })
  if (filler.labelledTexts > 0) return value
  return new Filler(root, extract, true).fill(root, { key: '', line: undefined, depth: 0 })
}

class Filler {
  labelledTexts = 0
  readonly #root: JsonSchema
  readonly #extract: Extract
  readonly #labelsLines: boolean

  constructor(root: JsonSchema, extract: Extract, labelsLines: boolean) {
    this.#root = root
    this.#extract = extract
    this.#labelsLines = labelsLines
  }

  fill(unresolved: JsonSchema, place: Place): Json {
    const schema = this.#resolve(unresolved)
    if (schema.const !== undefined) return schema.const
    if (schema.enum !== undefined) return schema.enum.find(value => value !== null) ?? null
    if (this.#isNullable(schema) && this.#hasNothingFor(place)) return null
    if (schema.anyOf !== undefined) return this.fill(this.#branch(schema.anyOf, place), place)
    switch (valueTypes(schema)[0]) {
      case 'object':
        return this.#object(schema, place)
      case 'array':
        return this.#array(schema, place)
      case 'string':
        return this.#string(schema, place)
      case 'integer':
      case 'number':
        return this.#number(schema, place)
      case 'boolean':
        return this.#extract.lines.length > 0
      default:
        return null
    }
  }

  #resolve(schema: JsonSchema): JsonSchema {
    return resolveRef(this.#root, schema) ?? {}
  }

  #isNullable(schema: JsonSchema): boolean {
    const types = [schema.type ?? []].flat()
    return (
      types.includes('null') || (schema.anyOf ?? []).some(branch => this.#isNullable(this.#resolve(branch)))
    )
  }

  #hasNothingFor(place: Place): boolean {
    return this.#extract.lines.length === 0 || place.depth > maxDepth
  }

  /** The first form that isn't null; too deep down, one that ends the walk. */
  #branch(branches: JsonSchema[], place: Place): JsonSchema {
    const values = branches.filter(branch => this.#resolve(branch).type !== 'null')
    const isLeaf = (branch: JsonSchema): boolean => !/object|array/.test(String(this.#resolve(branch).type))
    return (place.depth > maxDepth ? values.find(isLeaf) : undefined) ?? values[0] ?? {}
  }

  #object(schema: JsonSchema, place: Place): Json {
    const entries = Object.entries(schema.properties ?? {})
    const depth = place.depth + 1
    return Object.fromEntries(
      entries.map(([key, child]) => [key, this.fill(child, { ...place, key, depth })]),
    )
  }

  #array(schema: JsonSchema, place: Place): Json {
    const items = schema.items ?? {}
    const minItems = schema.minItems ?? 0
    const lines = this.#itemLines(items, place).slice(0, schema.maxItems)
    const about = Array.from(
      { length: Math.max(lines.length, minItems) },
      (_, index) => lines[index % lines.length],
    )
    return about.map(line =>
      this.fill(items, { key: place.key, line: line ?? place.line, depth: place.depth + 1 }),
    )
  }

  /** The lines that an array has an item for. */
  #itemLines(items: JsonSchema, place: Place): Line[] {
    if (place.depth > maxDepth) return []
    const lines = place.line === undefined ? this.#extract.lines : [place.line]
    return this.#takesLines(items, 0) ? lines : lines.slice(0, 1)
  }

  /** Whether items differ from line to line: somewhere they have a text or a time, not just fixed values. */
  #takesLines(unresolved: JsonSchema, depth: number): boolean {
    const schema = this.#resolve(unresolved)
    if (schema.const !== undefined || schema.enum !== undefined || depth > maxDepth) return false
    const types = valueTypes(schema)
    if (types.some(type => ['integer', 'number', 'string'].includes(type))) return schema.format === undefined
    const children = [...Object.values(schema.properties ?? {}), ...(schema.anyOf ?? [])]
    if (schema.items !== undefined) children.push(schema.items)
    return children.some(child => this.#takesLines(child, depth + 1))
  }

  #string(schema: JsonSchema, place: Place): string {
    const example = formatExamples[schema.format ?? '']
    if (example !== undefined) return example
    const text = shorten(this.#text(place), schema.maxLength ?? Number.POSITIVE_INFINITY)
    const padded = text.padEnd(schema.minLength ?? 0, '.')
    return schema.pattern === undefined ? padded : matching(schema.pattern, padded)
  }

  #text({ line }: Place): string {
    if (line !== undefined) return (this.#labelsLines ? label : '') + line.whole
    this.labelledTexts += 1
    return singleText(this.#extract, this.labelledTexts - 1)
  }

  /** A time of the line in question, or else how many lines were picked; within the schema's bounds. */
  #number(schema: JsonSchema, { key, line }: Place): number {
    const isTime = line !== undefined || key.endsWith('_ms')
    const wanted = isTime ? (line ?? this.#extract.lines[0])?.startMs : this.#extract.lines.length
    const isInteger = !valueTypes(schema).includes('number')
    return withinBounds(wanted ?? 0, schema, schema.multipleOf ?? (isInteger ? 1 : undefined))
  }
}

/** The nearest number that the bounds allow. */
function withinBounds(wanted: number, schema: JsonSchema, step: number | undefined): number {
  const grain = step ?? 1e-6
  const { exclusiveMinimum, exclusiveMaximum } = schema
  const lowest = Math.max(
    schema.minimum ?? -Infinity,
    exclusiveMinimum === undefined ? -Infinity : exclusiveMinimum + grain,
  )
  const highest = Math.min(
    schema.maximum ?? Infinity,
    exclusiveMaximum === undefined ? Infinity : exclusiveMaximum - grain,
  )
  const clamped = Math.min(Math.max(wanted, lowest), highest)
  if (step === undefined) return clamped
  const below = Math.floor(clamped / step) * step
  return below < lowest ? Math.ceil(clamped / step) * step : below
}

/** One valid value of each string format that structured outputs know. */
const formatExamples: Record<string, string> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  duration: 'PT1S',
  email: 'stand-in@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '00000000-0000-4000-8000-000000000000',
}

/**
 * The text itself where it matches, or else a made-up text that does.
 *
 * @throws {OpenAiError} 400 for a pattern that no text can be made for, such as one with a look-ahead
 */
function matching(pattern: string, text: string): string {
  const expression = new RegExp(pattern)
  if (expression.test(text)) return text
  try {
    return fc.sample(fc.stringMatching(expression), { numRuns: 1, seed: 1 })[0] ?? text
  } catch {
    const message = `The local stand-in can't make a text that matches the pattern '${pattern}'. Use a simpler one.`
    throw new OpenAiError(400, message, { param: 'text.format.schema', code: 'unsupported_parameter' })
  }
}
