import { beforeEach, expect, test, vi } from 'vitest'
import type { Reservation } from '../../../src/domain/ports.ts'
import { createBackend, holdMs, type TestBackend } from '../support/test-backend.ts'

const failure = { code: 'upstream_failed', detail: 'It failed.' } as const

let backend: TestBackend
let userId: string
let reservation: Reservation

beforeEach(async () => {
  backend = createBackend()
  userId = backend.openAccount({ creditsBalance: 100 })
  const opened = await backend.ledger.open({
    userId,
    operationId: backend.clock.id(),
    service: 'catchup',
    credits: 20,
    requestHash: 'hash',
    holdMs,
  })
  if (opened.state !== 'reserved') throw new Error('It was not reserved.')
  reservation = opened.reservation
})

const find = () => backend.outcomes.find(userId, reservation.operationId, 'catchup')

test('an operation is open while its hold is', async () => {
  expect(await find()).toEqual({ state: 'open', reservation })
})

test('an operation is finished once its row is there, with what can be spent now', async () => {
  const { row } = await backend.ledger.settle(reservation, { cost: 20, metadata: {} })
  expect(await find()).toEqual({ state: 'finished', row, creditsAvailable: 80 })
})

test('what can be spent counts in what other operations held too long', async () => {
  await backend.ledger.open({
    userId,
    operationId: backend.clock.id(),
    service: 'ask_agent',
    credits: 5,
    requestHash: 'hash',
    holdMs: 1,
  })
  await backend.ledger.settle(reservation, { cost: 20, metadata: {} })
  backend.clock.advance(1)
  expect(await find()).toMatchObject({ state: 'finished', creditsAvailable: 80 })
})

test('an operation whose hold has expired was given up, before a write says so and after', async () => {
  backend.clock.advance(holdMs)
  const givenUp = { state: 'failed', failure: expect.objectContaining({ code: 'upstream_timeout' }) }
  expect(await find()).toEqual(givenUp)
  await backend.ledger.fold(backend.account(userId))
  expect(await find()).toEqual(givenUp)
})

test('an operation that failed says why, for a week', async () => {
  await backend.outcomes.fail(reservation, failure)
  expect([...backend.failures.failures.values()]).toMatchObject([
    { expiresAtMs: backend.clock.nowMs + 7 * 24 * 3_600_000 },
  ])
  expect(await find()).toEqual({ state: 'failed', failure })
  expect(backend.account(userId)).toMatchObject({ creditsBalance: 100, holds: {} })
})

test('a failure is written before the credits go back: a crash between leaves the job open, not lost', async () => {
  vi.spyOn(backend.store, 'release').mockRejectedValueOnce(new Error('crash'))
  await expect(backend.outcomes.fail(reservation, failure)).rejects.toThrow('crash')
  expect(await find()).toMatchObject({ state: 'open' })
  await backend.outcomes.fail(reservation, failure)
  expect(await find()).toEqual({ state: 'failed', failure })
})

test('an operation that ended with a result is not failed by a failure that comes later', async () => {
  await backend.ledger.settle(reservation, { cost: 20, metadata: {} })
  await backend.outcomes.fail(reservation, failure)
  expect(await find()).toMatchObject({ state: 'finished' })
  expect(backend.account(userId).creditsBalance).toBe(80)
})

test('an operation of another service is not found, open or finished', async () => {
  const asClip = () => backend.outcomes.find(userId, reservation.operationId, 'clip_transcription')
  await expect(asClip()).rejects.toMatchObject({ code: 'not_found' })
  expect(
    await backend.outcomes.findOpen(userId, reservation.operationId, 'clip_transcription'),
  ).toBeUndefined()
  await backend.ledger.settle(reservation, { cost: 20, metadata: {} })
  await expect(asClip()).rejects.toMatchObject({ code: 'not_found' })
})

test('nothing is found for an account that does not exist', async () => {
  await expect(backend.outcomes.find('nobody', reservation.operationId, 'catchup')).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await backend.outcomes.findOpen('nobody', reservation.operationId, 'catchup')).toBeUndefined()
})
