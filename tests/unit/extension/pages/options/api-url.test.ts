import { expect, test } from 'vitest'
import { apiUrlFrom } from '../../../../../extension/pages/options/api-url.ts'

test.each([
  ['', ''],
  ['  ', ''],
  ['https://api.example.com', 'https://api.example.com'],
  [' http://127.0.0.1:3000/ ', 'http://127.0.0.1:3000'],
  ['https://example.com/prod//', 'https://example.com/prod'],
  ['HTTPS://API.Example.com', 'https://api.example.com'],
])('%j is taken as %j', (typed, taken) => {
  expect(apiUrlFrom(typed)).toBe(taken)
})

test.each([
  'example.com',
  'ftp://example.com',
  'javascript:alert(1)',
  'wss://example.com',
  'https://',
  'https://example.com/?stage=prod',
  'https://example.com/#top',
  'https://me:secret@example.com',
])('%j is no address of a backend', typed => {
  expect(apiUrlFrom(typed)).toBeUndefined()
})
