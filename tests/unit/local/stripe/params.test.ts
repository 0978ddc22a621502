import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { StripeApiError } from '../../../../local/stand-ins/stripe/errors.ts'
import {
  clearableText,
  createdFilter,
  flag,
  integer,
  metadata,
  parseForm,
  parseParams,
} from '../../../../local/stand-ins/stripe/params.ts'

describe('parseForm', () => {
  it('reads nested brackets, with and without indices', () => {
    expect(parseForm('a[0][b][c]=1&a[1][b][c]=2&expand[]=x&expand[]=y&t=%C3%A9+%26')).toEqual({
      a: [{ b: { c: '1' } }, { b: { c: '2' } }],
      expand: ['x', 'y'],
      t: 'é &',
    })
  })

  it('refuses nesting without end', () => {
    expect(() => parseForm(`a${'[b]'.repeat(50)}=1`)).toThrow('The parameters cannot be read.')
  })
})

describe('parseParams', () => {
  const schema = z.strictObject({
    count: integer({ min: 1, max: 9 }),
    live: flag.optional(),
    note: clearableText(5).optional(),
    metadata: metadata.optional(),
    created: createdFilter.optional(),
  })

  it('turns text into numbers, flags and null', () => {
    expect(parseParams(schema, parseForm('count=3&live=true&note=&created[gte]=5'))).toEqual({
      count: 3,
      live: true,
      note: null,
      created: { gte: 5 },
    })
  })

  it('keeps metadata whose keys are numbers', () => {
    expect(parseParams(schema, parseForm('count=3&metadata[0]=a&metadata[7]=b'))).toMatchObject({
      metadata: { 0: 'a', 7: 'b' },
    })
  })

  it.each([
    ['count=3&colour=red', 'parameter_unknown', 'colour'],
    ['count=3&created[since]=1', 'parameter_unknown', 'created[since]'],
    ['live=true', 'parameter_missing', 'count'],
    ['count=many', 'parameter_invalid_integer', 'count'],
    ['count=10', 'parameter_invalid_integer', 'count'],
    ['count=1e3', 'parameter_invalid_integer', 'count'],
    ['count=3&created[gte]=soon', 'parameter_invalid_integer', 'created[gte]'],
    ['count=3&live=yes', undefined, 'live'],
    ['count=3&note=longer', undefined, 'note'],
    [`count=3&metadata[a]=${'x'.repeat(501)}`, undefined, 'metadata[a]'],
    ['count[a]=3', undefined, 'count'],
  ])('refuses %s', (form, code, param) => {
    expect(refusal(schema, form).body).toMatchObject({ type: 'invalid_request_error', param })
    expect(refusal(schema, form).body.code).toBe(code)
  })
})

function refusal(schema: z.ZodType, form: string): StripeApiError {
  try {
    parseParams(schema, parseForm(form))
  } catch (error) {
    if (error instanceof StripeApiError) return error
  }
  throw new Error(`${form} was accepted.`)
}
