import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { extract } from '../../../../local/stand-ins/openai/extract.ts'
import { fillSchema } from '../../../../local/stand-ins/openai/fill.ts'
import { assertStrict, JsonSchema } from '../../../../local/stand-ins/openai/json-schema.ts'
import { readMaterial } from '../../../../local/stand-ins/openai/transcript.ts'

const label = 'Extract (local stand-in): '
const found = extract(
  readMaterial(
    'Question: What about the harbour?\nTranscript:\n[1000] The harbour is closed.\n[2500] We had lunch.\n[4000] The harbour opens again on Monday.',
  ),
)
const notFound = extract(
  readMaterial('Question: What about elephants?\nTranscript:\n[1000] The harbour is closed.'),
)

function object(properties: Record<string, object>): JsonSchema {
  return JsonSchema.parse({
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  })
}

const leaf = fc.oneof(
  fc.record({ type: fc.constant('string') }),
  fc.record({ type: fc.constant('string'), maxLength: fc.nat(60) }),
  fc.record({ type: fc.constant(['string', 'null']) }),
  fc.record({
    type: fc.constant('string'),
    enum: fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant('string'),
    format: fc.constantFrom('date-time', 'date', 'email', 'uuid', 'ipv4', 'ipv6'),
  }),
  fc.record({
    type: fc.constant('string'),
    pattern: fc.constantFrom('^[a-z]{3}$', '^\\d+-\\d+$', 'harbour'),
  }),
  fc.record({ type: fc.constant('boolean') }),
  fc.record({ type: fc.constant('null') }),
  fc.record({ const: fc.constantFrom('fixed', 7, true) }),
  fc.record({
    type: fc.constant('integer'),
    minimum: fc.integer({ min: -50, max: 0 }),
    maximum: fc.integer({ min: 1, max: 50 }),
  }),
  fc.record({
    type: fc.constant('integer'),
    multipleOf: fc.constantFrom(1, 5, 60),
    exclusiveMinimum: fc.integer({ min: -9, max: 9 }),
  }),
  fc.record({
    type: fc.constant('number'),
    exclusiveMinimum: fc.constant(0),
    exclusiveMaximum: fc.constant(1),
  }),
)

const { node } = fc.letrec<{ node: object; object: object; array: object; nullable: object }>(tie => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('object'),
    tie('array'),
    tie('nullable'),
  ),
  object: fc
    .dictionary(fc.stringMatching(/^[a-z]{1,6}(_ms)?$/), tie('node'), { maxKeys: 4 })
    .map(properties => object(properties)),
  array: fc
    .tuple(tie('node'), fc.nat(3), fc.nat(3))
    .map(([items, minItems, more]) => ({ type: 'array', items, minItems, maxItems: minItems + more })),
  nullable: tie('node').map(schema => ({ anyOf: [schema, { type: 'null' }] })),
}))

describe('filling a schema', () => {
  test('any strict schema gets a value that fits it, whether or not there is an answer', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), node, { minKeys: 1, maxKeys: 4 }),
        properties => {
          const schema = object(properties)
          assertStrict('any', schema)
          const validator = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)))
          for (const material of [found, notFound]) validator.parse(fillSchema(schema, material))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('times, texts and counts say what was found', () => {
    const item = object({
      start_ms: { type: 'integer' },
      quote: { type: 'string' },
      sure: { type: 'boolean' },
    })
    const schema = object({
      first_ms: { type: 'integer' },
      count: { type: 'integer' },
      quotes: { type: 'array', items: item },
      times: { type: 'array', items: { type: 'integer' } },
      tags: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } },
      answer: { type: ['string', 'null'] },
    })
    expect(fillSchema(schema, found)).toEqual({
      first_ms: 1000,
      count: 2,
      quotes: [
        { start_ms: 1000, quote: 'The harbour is closed.', sure: true },
        { start_ms: 4000, quote: 'The harbour opens again on Monday.', sure: true },
      ],
      times: [1000, 4000],
      tags: ['a'],
      answer: `${label}The harbour is closed. The harbour opens again on Monday.`,
    })
    expect(fillSchema(schema, notFound)).toEqual({
      first_ms: 0,
      count: 0,
      quotes: [],
      times: [],
      tags: [],
      answer: null,
    })
  })

  test('texts in a list carry the label where there is no other text', () => {
    const schema = object({ points: { type: 'array', items: { type: 'string' } } })
    expect(fillSchema(schema, found)).toEqual({
      points: [`${label}The harbour is closed.`, `${label}The harbour opens again on Monday.`],
    })
  })

  test('a text that is too long is cut at a word', () => {
    const schema = object({ answer: { type: 'string', maxLength: 46 } })
    expect(fillSchema(schema, found)).toEqual({ answer: `${label}The harbour is…` })
  })

  test('a schema that refers to itself comes to an end', () => {
    const Tree = z.object({
      name: z.string(),
      get children() {
        return z.array(Tree)
      },
      get parent() {
        return Tree.nullable()
      },
    })
    const schema = JsonSchema.parse(z.toJSONSchema(Tree))
    assertStrict('tree', schema)
    expect(() => Tree.parse(fillSchema(schema, found))).not.toThrow()
  })
})
