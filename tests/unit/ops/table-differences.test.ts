import { expect, it } from 'vitest'
import { accountsSince } from '../../../ops/table-differences.ts'

it('tells apart accounts that were opened, lost and erased between two moments', () => {
  const then = new Map([
    ['same', false],
    ['deleted by hand', false],
    ['erased since', false],
    ['erased before', true],
  ])
  const now = new Map([
    ['same', false],
    ['erased since', true],
    ['erased before', true],
    ['new', false],
    ['new and erased', true],
  ])
  expect(accountsSince(then, now)).toEqual({
    opened: ['new', 'new and erased'],
    lost: ['deleted by hand'],
    erased: ['erased since'],
  })
})
