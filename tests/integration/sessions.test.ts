import { v7 } from 'uuid'
import { beforeEach, expect, it } from 'vitest'
import { DynamoSessionStore } from '../../src/db/ephemera.ts'
import type { Session } from '../../src/domain/ports.ts'
import { connect } from '../support/database.ts'

const nowMs = 1_764_000_000_000

let store: DynamoSessionStore
let session: Session

beforeEach(async () => {
  store = new DynamoSessionStore(connect(), async () => undefined)
  session = { familyId: v7(), userId: 'u', tokenHash: 'first', expiresAtMs: nowMs + 1_000 }
  await store.put(session)
})

const rotatedTo = (tokenHash: string) => ({
  tokenHash,
  expiresAtMs: nowMs + 2_000,
  former: { tokenHash: 'first', replacedAtMs: nowMs },
})

it('is read as it was begun, without a token before it', async () => {
  expect(await store.read(session.familyId)).toEqual(session)
  expect(await store.read(v7())).toBeUndefined()
})

it('remembers the token that was used, and when, with its successor', async () => {
  expect(await store.rotate(session, rotatedTo('second'))).toBe(true)
  expect(await store.read(session.familyId)).toEqual({ ...session, ...rotatedTo('second') })
})

it('gives one successor in place of another, while that one is unused', async () => {
  await store.rotate(session, rotatedTo('second'))
  const rotated = { ...session, ...rotatedTo('second') }
  expect(await store.rotate(rotated, rotatedTo('third'))).toBe(true)
  expect(await store.rotate(rotated, rotatedTo('fourth'))).toBe(false)
  expect((await store.read(session.familyId))?.tokenHash).toBe('third')
})

it('does not come back by a refresh that is late', async () => {
  await store.end(session.familyId)
  expect(await store.rotate(session, rotatedTo('second'))).toBe(false)
  expect(await store.read(session.familyId)).toBeUndefined()
})
