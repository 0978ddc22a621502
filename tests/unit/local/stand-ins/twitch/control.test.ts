import { expect, test } from 'vitest'
import { applyChange, initialControl, takeFailure } from '../../../../../local/stand-ins/twitch/control.ts'

test('a change leaves the other kinds of calls as they are', () => {
  const control = structuredClone(initialControl)
  applyChange(control, { delay_ms: { helix: 5 }, fail_next: { helix: { count: 1, status: 500 } } })
  applyChange(control, { delay_ms: { gql: 7 }, fail_next: { gql: { count: 2, status: 503 } } })
  expect(control).toEqual({
    ...initialControl,
    delay_ms: { helix: 5, gql: 7 },
    fail_next: { helix: { count: 1, status: 500 }, gql: { count: 2, status: 503 } },
  })
})

test('a failure is for as many calls of its kind as were ordered', () => {
  const control = structuredClone(initialControl)
  applyChange(control, { fail_next: { segment: { count: 2, status: 500 } } })
  expect(takeFailure(control, 'playlist')).toBeUndefined()
  expect([1, 2, 3].map(() => takeFailure(control, 'segment'))).toEqual([500, 500, undefined])
})
