import { expect, test, vi } from 'vitest'
import { UpstreamError } from '../../../src/domain/errors.ts'
import { withDeadline } from '../../../src/upstream/deadline.ts'

const never = () => new Promise<never>(() => undefined)

test('a call that ends in time answers what it answers', async () => {
  expect(await withDeadline('vendor', 1_000, async () => 'answer')).toBe('answer')
})

test('a call that takes longer fails as a time-out', async () => {
  await expect(withDeadline('vendor', 5, never)).rejects.toEqual(new UpstreamError('vendor', 'timeout'))
})

test('a call that fails keeps its error as the cause', async () => {
  const cause = new Error('503 Service Unavailable')
  const failure = withDeadline('vendor', 1_000, () => Promise.reject(cause))
  await expect(failure).rejects.toMatchObject({
    name: 'UpstreamError',
    vendor: 'vendor',
    kind: 'failed',
    cause,
  })
})

test('a call that throws before it begins fails likewise', async () => {
  const failure = withDeadline('vendor', 1_000, () => {
    throw new TypeError('no such file')
  })
  await expect(failure).rejects.toMatchObject({ name: 'UpstreamError', kind: 'failed' })
})

test('a call that names its failure itself keeps that', async () => {
  const error = new UpstreamError('vendor', 'failed', 402)
  await expect(withDeadline('vendor', 1_000, () => Promise.reject(error))).rejects.toBe(error)
})

test('a call that fails after its deadline is nobody’s business any more', async () => {
  const { promise, reject } = Promise.withResolvers<never>()
  await expect(withDeadline('vendor', 5, () => promise)).rejects.toMatchObject({ kind: 'timeout' })
  const unhandled = vi.fn()
  process.once('unhandledRejection', unhandled)
  reject(new Error('late'))
  await new Promise(resolve => setImmediate(resolve))
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})

test('no timer is left behind', async () => {
  vi.useFakeTimers()
  await withDeadline('vendor', 60_000, async () => 'answer')
  await withDeadline('vendor', 60_000, () => Promise.reject(new Error('no'))).catch(() => undefined)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})
