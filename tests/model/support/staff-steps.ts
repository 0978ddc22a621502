import fc from 'fast-check'
import { v7 } from 'uuid'
import { expect } from 'vitest'
import { DynamoLedgerAudit } from '../../../src/db/ledger-audit.ts'
import { type Adjusted, Adjustments } from '../../../src/domain/adjustments.ts'
import type { Opened } from '../../../src/domain/ledger.ts'
import { LedgerCheck } from '../../../src/domain/ledger-check.ts'
import { silent } from '../../support/silent-log.ts'
import type { ModelAccount } from './model-account.ts'
import { codeOf, type Model, pickRecent, type Real, Step, userAt } from './steps.ts'
import { newOperationId } from './world.ts'

const actor = 'arn:aws:iam::123456789012:user/ann'
const noBackoff = async () => undefined
const holdMs = 60_000

const adjustmentsOf = ({ world }: Real): Adjustments =>
  new Adjustments({ ...world.ledger, backoff: noBackoff, log: silent })

/** An adjustment that was made, by the id under which it may be asked for again. */
const madeAt = (model: Model, { userIds }: Real, at: number) => {
  const made = pickRecent(model.adjustments, at)
  const userId = made && userIds[made.userIndex]
  return made && userId !== undefined ? { ...made, userId } : undefined
}

const expectOnce = (answers: readonly (Adjusted | string)[]): void => {
  const adjusted = answers.filter(answer => typeof answer !== 'string')
  expect(adjusted).toHaveLength(answers.length)
  expect(adjusted.filter(({ isNew }) => isNew)).toHaveLength(1)
  for (const { row } of adjusted) expect(row).toEqual(adjusted[0]?.row)
}

const adjust = (user: number, credits: number, times: number) =>
  new Step(`adjust(${user}, ${credits}, sent ${times} times)`, async (model, real) => {
    const found = userAt(model, real, user)
    if (!found) return
    const { userId, account, userIndex } = found
    account.expire(real.world.clock.now())
    const request = { transaction_id: v7(), credits, reason: 'Sorry', actor }
    const adjustments = adjustmentsOf(real)
    const answers = await Promise.all(
      Array.from({ length: times }, () => adjustments.adjust(userId, request).catch(codeOf)),
    )
    if (account.balance.credits + credits < 0) {
      expect(answers).toEqual(answers.map(() => 'insufficient_credits'))
      return
    }
    expectOnce(answers)
    account.balance.credits += credits
    model.adjustments.push({ userIndex, request })
  })

/** The same id again, with the same content or with another. */
const adjustAgain = (index: number, what: 'the same' | 'credits' | 'reason') =>
  new Step(`adjustAgain(${index}, ${what})`, async (model, real) => {
    const found = madeAt(model, real, index)
    if (!found) return
    const { userId, userIndex, request } = found
    model.accounts[userIndex]?.expire(real.world.clock.now())
    const changed = {
      ...request,
      ...(what === 'credits' ? { credits: request.credits + 1_000 } : {}),
      ...(what === 'reason' ? { reason: 'Something else' } : {}),
    }
    const answer = await adjustmentsOf(real).adjust(userId, changed).catch(codeOf)
    if (what !== 'the same') expect(answer).toBe('idempotency_mismatch')
    else expect(answer).toMatchObject({ isNew: false, row: { credits: request.credits } })
  })

/** Where either could have gone ahead alone, one has. */
const expectOneOfThem = (
  account: ModelAccount,
  { taken, spent, nowMs }: { taken: number; spent: number; nowMs: number },
  answers: readonly [Adjusted | string, Opened | string],
): void => {
  const couldHave = account.balance.credits >= taken && account.available(nowMs) >= spent
  if (couldHave) expect(answers.some(answer => typeof answer !== 'string')).toBe(true)
}

/** Staff takes credits while the listener spends them: nobody takes what the other has taken. */
const race = (user: number, taken: number, spent: number) =>
  new Step(`race(${user}, staff takes ${taken}, an operation ${spent})`, async (model, real) => {
    const found = userAt(model, real, user)
    if (!found) return
    const { userId, account, userIndex } = found
    const { clock, ledger } = real.world
    const nowMs = clock.now()
    account.expire(nowMs)
    if (account.holds.size >= 8) return
    const operationId = newOperationId(clock)
    const request = { transaction_id: v7(), credits: -taken, reason: 'Refunded', actor }
    const [adjusted, opened] = await Promise.all([
      adjustmentsOf(real).adjust(userId, request).catch(codeOf),
      ledger.ledger
        .open({ userId, operationId, service: 'ask_agent', credits: spent, requestHash: 'one', holdMs })
        .catch(codeOf),
    ])
    expectOneOfThem(account, { taken, spent, nowMs }, [adjusted, opened])
    if (typeof adjusted !== 'string') {
      account.balance.credits -= taken
      model.adjustments.push({ userIndex, request })
    }
    if (typeof opened === 'string') return
    if (opened.state !== 'reserved') throw new Error(`Not a reservation: ${opened.state}`)
    const { reservation } = opened
    // What it took, it took from where it could: grants first.
    account.hold(operationId, spent, reservation.hold.expiresAtMs, nowMs)
    model.operations.push({ userIndex, reservation, credits: spent })
  })

const grantByStaff = (user: number, credits: number, lifeMs: number, times: number) =>
  new Step(`grantByStaff(${user}, ${credits}, ${lifeMs} ms, ${times} times)`, async (model, real) => {
    const found = userAt(model, real, user)
    if (!found) return
    const { userId, account } = found
    const nowMs = real.world.clock.now()
    account.expire(nowMs)
    const expires_at = new Date(nowMs + lifeMs).toISOString()
    const request = { transaction_id: v7(), credits, reason: 'Sorry', actor, expires_at }
    const adjustments = adjustmentsOf(real)
    const answers = await Promise.all(
      Array.from({ length: times }, () => adjustments.grant(userId, request).catch(codeOf)),
    )
    expectOnce(answers)
    account.grants.push({ credits, lapsesAtMs: nowMs + lifeMs })
  })

/** The nightly proof, in the middle of everything. */
const prove = new Step('prove', async (_model, { world, userIds }) => {
  const { database, store } = world.ledger
  const audit = new DynamoLedgerAudit(database, noBackoff)
  const check = new LedgerCheck({ store, audit, sleep: noBackoff })
  for (const userId of userIds) expect(await check.check(userId)).toMatchObject({ outcome: 'closes' })
})

const user = fc.nat({ max: 30 })
const recent = fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 30 }))
const times = fc.constantFrom(1, 1, 2, 3)
const moved = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: -80, max: -1 }))

/** What staff does: credits put on a balance and taken from it, given for a time, asked for again, and proved. */
export const staffCommands = [
  fc.tuple(user, moved, times).map(args => adjust(...args)),
  fc
    .tuple(recent, fc.constantFrom('the same' as const, 'credits' as const, 'reason' as const))
    .map(args => adjustAgain(...args)),
  fc.tuple(user, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 })).map(args => race(...args)),
  fc
    .tuple(user, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1_000, max: 120_000 }), times)
    .map(args => grantByStaff(...args)),
  fc.constant(prove),
]
