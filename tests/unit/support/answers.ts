import { expect } from 'vitest'
import type * as z from 'zod'
import { problemSchema } from '../../../src/contracts/errors.ts'
import type { ApiResponse } from '../../../src/http/event.ts'

/** A response's header, whatever its case. */
export const headerOf = (response: ApiResponse, name: string): unknown =>
  Object.entries(response.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1]

const bodyOf = <Schema extends z.ZodType>(response: ApiResponse, schema: Schema): z.output<Schema> => {
  const body: unknown = JSON.parse(response.body ?? '')
  const parsed = schema.parse(body)
  expect(parsed, 'the answer holds nothing that the contract does not name').toEqual(body)
  return parsed
}

/** The JSON of an answer that must have this status, and exactly the contract's fields. */
export const answerOf = <Schema extends z.ZodType>(
  response: ApiResponse,
  status: number,
  schema: Schema,
): z.output<Schema> => {
  expect(response, String(response.body)).toMatchObject({ statusCode: status })
  expect(headerOf(response, 'content-type')).toBe('application/json')
  expect(headerOf(response, 'cache-control')).toBe('no-store')
  return bodyOf(response, schema)
}

/** The problem details of an answer that must be an error, whose status must be the one that it states. */
export const problemOf = (response: ApiResponse): z.output<typeof problemSchema> => {
  expect(headerOf(response, 'content-type')).toBe('application/problem+json')
  expect(headerOf(response, 'cache-control')).toBe('no-store')
  const problem = bodyOf(response, problemSchema)
  expect(response.statusCode).toBe(problem.status)
  return problem
}
