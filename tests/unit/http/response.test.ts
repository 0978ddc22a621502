import { expect, test } from 'vitest'
import { json, noContent } from '../../../src/http/response.ts'

test('a JSON answer is kept by no cache', () => {
  expect(json(201, { credits: 5, absent: undefined })).toEqual({
    statusCode: 201,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: '{"credits":5}',
  })
})

test('an answer without content is empty', () => {
  expect(noContent()).toEqual({ statusCode: 204 })
})
