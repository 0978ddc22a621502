import fc from 'fast-check'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Opened } from '../../src/domain/ledger.ts'
import type { Reservation } from '../../src/domain/ports.ts'
import type { StripeEvent } from '../../src/domain/stripe-events/event.ts'
import { handleStripeEvent } from '../../src/domain/stripe-events/handle.ts'
import { connect } from '../support/database.ts'
import { openAccount } from '../support/ledger.ts'
import { type StripeUnderTest, startStripe } from '../support/stripe-stand-in.ts'
import { channelCommands } from './support/channel-steps.ts'
import { liveCommands } from './support/live-steps.ts'
import { credit, makeUpCommands } from './support/make-up-steps.ts'
import { ModelAccount } from './support/model-account.ts'
import { staffCommands } from './support/staff-steps.ts'
import {
  bonusCredits,
  codeOf,
  type Model,
  type ModelPurchase,
  operationAt,
  type PackId,
  packs,
  pick,
  pickRecent,
  Step,
  userAt,
} from './support/steps.ts'
import { createWorld, newOperationId, stage, TestClock } from './support/world.ts'

const register = new Step('register', async (model, { world, userIds }) => {
  if (userIds.length >= 3) return
  userIds.push(await openAccount(world.ledger, world.clock.now(), bonusCredits))
  model.accounts.push(new ModelAccount(bonusCredits))
})

const buy = (user: number, pack: PackId, twice: boolean) =>
  new Step(`buy(${user}, ${pack}${twice ? ', sent twice' : ''})`, async (model, { world, userIds }) => {
    const userId = pick(userIds, user)
    if (userId === undefined) return
    const transactionId = v7()
    const [first, second] = await Promise.all([
      world.purchases.start(userId, transactionId, pack),
      twice ? world.purchases.start(userId, transactionId, pack) : undefined,
    ])
    if (second) expect(second).toEqual(first)
    model.purchases.push({
      userIndex: user % userIds.length,
      pack,
      status: 'pending',
      isMadeUp: false,
      session: {
        eventId: `evt_${transactionId}`,
        sessionId: first.session_id,
        createdMs: Date.now(),
        paymentStatus: 'paid',
        amountTotal: packs[pack].priceCents,
        currency: 'usd',
        transactionId,
        stage,
      },
    })
  })

type SessionEventType = Exclude<StripeEvent['type'], 'invoice.payment_failed'>
type Fault = 'none' | 'unpaid' | 'wrong_amount'

const closedBy: Partial<Record<SessionEventType, ModelPurchase['status']>> = {
  'checkout.session.expired': 'expired',
  'checkout.session.async_payment_failed': 'failed',
}

const saysPaid = (type: SessionEventType, fault: Fault): boolean =>
  type === 'checkout.session.async_payment_succeeded' ||
  (type === 'checkout.session.completed' && fault !== 'unpaid')

/** What an event does to a purchase that is not completed. */
const tell = (model: Model, purchase: ModelPurchase, type: SessionEventType, fault: Fault): void => {
  if (purchase.status === 'completed') return
  if (!saysPaid(type, fault)) {
    if (purchase.status === 'pending') purchase.status = closedBy[type] ?? 'pending'
    return
  }
  if (fault === 'wrong_amount') {
    purchase.status = 'needs_review'
    return
  }
  credit(model, purchase)
}

/** Stripe tells of a purchase: any event of it, any number of times at once, in any order with the others. */
const webhook = (index: number, type: SessionEventType, fault: Fault, times: number) =>
  new Step(`webhook(${index}, ${type}, ${fault}, ${times} times)`, async (model, { world }) => {
    const purchase = pickRecent(model.purchases, index)
    if (!purchase) return
    const session = {
      ...purchase.session,
      paymentStatus: fault === 'unpaid' ? 'unpaid' : 'paid',
      amountTotal: fault === 'wrong_amount' ? 1 : purchase.session.amountTotal,
    }
    await Promise.all(Array.from({ length: times }, () => handleStripeEvent(world.events, { type, session })))
    tell(model, purchase, type, fault)
    const row = await world.ledger.store.readTransaction(purchase.session.transactionId ?? '')
    expect(row?.status).toBe(purchase.status)
  })

const holdMs = 60_000

/** Why a new operation must be refused, or undefined where it must be taken. */
const refusalOf = (account: ModelAccount, credits: number, nowMs: number): string | undefined => {
  if (account.holds.size >= 8) return 'too_many_open_operations'
  if (account.available(nowMs) < credits) return 'insufficient_credits'
  return undefined
}

const reserve = (user: number, credits: number, times: number) =>
  new Step(`reserve(${user}, ${credits}, sent ${times} times)`, async (model, real) => {
    const found = userAt(model, real, user)
    if (!found) return
    const { userId, account, userIndex } = found
    const { clock, ledger } = real.world
    const operationId = newOperationId(clock)
    const request = {
      userId,
      operationId,
      service: 'ask_agent' as const,
      credits,
      requestHash: 'one',
      holdMs,
    }
    account.expire(clock.now())
    const refusal = refusalOf(account, credits, clock.now())
    const answers = await Promise.all(
      Array.from({ length: times }, () => ledger.ledger.open(request).catch(codeOf)),
    )
    if (refusal !== undefined) {
      expect(answers).toEqual(answers.map(() => refusal))
      return
    }
    const [reservation, ...others] = answers.map(reservationOf)
    if (!reservation) return
    for (const other of others) expect(other).toEqual(reservation)
    expect(answers.filter(isReserved)).toHaveLength(1)
    account.hold(operationId, credits, reservation.hold.expiresAtMs, clock.now())
    model.operations.push({ userIndex, reservation, credits })
  })

const isReserved = (answer: Opened | string): boolean =>
  typeof answer !== 'string' && answer.state === 'reserved'

const reservationOf = (answer: Opened | string): Reservation => {
  if (typeof answer === 'string' || answer.state === 'finished')
    throw new Error(`Not a reservation: ${answer}`)
  return answer.reservation
}

/** The client sends a request again, or another one under its key. */
const repeat = (index: number, requestHash: 'one' | 'two') =>
  new Step(`repeat(${index}, body ${requestHash})`, async (model, { world }) => {
    const found = operationAt(model, index)
    if (!found) return
    const { account, operation } = found
    const { userId, operationId } = operation.reservation
    const hasRow = account.rows.has(operationId)
    // Given up, it is a new operation: `reserve` covers those.
    if (!hasRow && !account.openHolds(world.clock.now()).includes(operationId)) return
    account.expire(world.clock.now())
    const request = { userId, operationId, service: 'ask_agent' as const, credits: 1, requestHash, holdMs }
    const answer = await world.ledger.ledger.open(request).catch(codeOf)
    if (requestHash === 'two') {
      expect(answer).toBe('idempotency_mismatch')
      return
    }
    const row = { creditsUsed: account.chargedFor(operationId) }
    expect(answer).toMatchObject(hasRow ? { state: 'finished', row } : { state: 'in_progress' })
  })

const settle = (index: number, share: number, times: number) =>
  new Step(`settle(${index}, ${share} %, ${times} times)`, async (model, { world }) => {
    const found = operationAt(model, index)
    if (!found) return
    const { account, operation } = found
    const { operationId } = operation.reservation
    const cost = Math.floor((operation.credits * share) / 100)
    const onTime = account.openHolds(world.clock.now()).includes(operationId)
    const settled = await Promise.all(
      Array.from({ length: times }, () =>
        world.ledger.ledger.settle(operation.reservation, { cost, metadata: {}, result: cost }),
      ),
    )
    if (onTime) account.settle(operationId, cost)
    else account.deliverLate(operationId, world.clock.now())
    for (const answer of settled) expect(answer.row.creditsUsed).toBe(account.chargedFor(operationId))
  })

const release = (index: number, times: number) =>
  new Step(`release(${index}, ${times} times)`, async (model, { world }) => {
    const found = operationAt(model, index)
    if (!found) return
    const { account, operation } = found
    await Promise.all(Array.from({ length: times }, () => world.ledger.ledger.release(operation.reservation)))
    account.giveUp(operation.reservation.operationId)
  })

const grant = (user: number, credits: number, lifeMs: number, times: number) =>
  new Step(`grant(${user}, ${credits}, ${lifeMs} ms, ${times} times)`, async (model, real) => {
    const found = userAt(model, real, user)
    if (!found) return
    const { userId, account } = found
    const { world } = real
    const expiresAtMs = world.clock.now() + lifeMs
    const cause = { transactionId: `invoice#${v7()}`, credits, expiresAtMs, source: 'plus' }
    const given = await Promise.all(
      Array.from({ length: times }, () => world.ledger.ledger.grant(userId, cause)),
    )
    expect(given.filter(Boolean)).toHaveLength(1)
    account.grants.push({ credits, lapsesAtMs: expiresAtMs })
  })

const advance = (milliseconds: number) =>
  new Step(`advance(${milliseconds} ms)`, async (_model, { world }) => world.clock.advance(milliseconds))

/** Whatever touches the account next folds in what time has done; twice at once changes nothing more. */
const fold = (user: number) =>
  new Step(`fold(${user})`, async (model, real) => {
    const found = userAt(model, real, user)
    if (!found) return
    const { clock, ledger } = real.world
    const account = await ledger.store.readAccount(found.userId)
    if (!account) throw new Error('There is no such account.')
    await Promise.all([ledger.ledger.fold(account), ledger.ledger.fold(account)])
    found.account.expire(clock.now())
  })

const index = fc.nat({ max: 30 })
const recent = fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 30 }))
const times = fc.constantFrom(1, 1, 2, 3)
const packId = fc.constantFrom<PackId>('starter', 'popular')

const registering = fc.constant(register)
const granting = fc
  .tuple(index, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1_000, max: 120_000 }), times)
  .map(args => grant(...args))
const reserving = fc.tuple(index, fc.integer({ min: 1, max: 40 }), times).map(args => reserve(...args))
const settling = fc.tuple(recent, fc.constantFrom(0, 30, 100), times).map(args => settle(...args))
const advancing = fc.constantFrom(1, 1_000, 30_000, 55_000, 60_000, 130_000, 3_600_000).map(advance)
const folding = index.map(fold)

const purchaseCommands = [
  fc.tuple(index, packId, fc.boolean()).map(args => buy(...args)),
  fc
    .tuple(
      recent,
      fc.constantFrom<SessionEventType>(
        'checkout.session.completed',
        'checkout.session.async_payment_succeeded',
        'checkout.session.async_payment_failed',
        'checkout.session.expired',
      ),
      fc.constantFrom('none' as const, 'none' as const, 'unpaid' as const, 'wrong_amount' as const),
      times,
    )
    .map(args => webhook(...args)),
  ...makeUpCommands,
]

/** Everything at once, and then what one kind of operation meets most: random steps seldom get far with all of them. */
const worlds = [
  {
    what: 'whatever is asked, repeated, reordered or late',
    runs: Number(process.env.MODEL_RUNS ?? 20),
    openingCredits: bonusCredits,
    maxCommands: 40,
    commands: [
      registering,
      ...purchaseCommands,
      reserving,
      reserving,
      fc.tuple(recent, fc.constantFrom('one' as const, 'two' as const)).map(args => repeat(...args)),
      settling,
      fc.tuple(recent, times).map(args => release(...args)),
      granting,
      advancing,
      ...liveCommands,
      ...channelCommands,
      ...staffCommands,
      folding,
    ],
  },
  {
    what: 'with catch-ups from channels beside a little else',
    runs: Number(process.env.MODEL_RUNS ?? 15),
    openingCredits: 10 * bonusCredits,
    maxCommands: 80,
    commands: [
      ...channelCommands,
      ...channelCommands,
      ...channelCommands,
      reserving,
      settling,
      granting,
      fc.constantFrom(1, 1, 1_000, 21_000, 31_000, 130_000).map(advance),
      folding,
    ],
  },
  {
    what: 'with payments that Stripe tells of and staff makes up for',
    runs: Number(process.env.MODEL_RUNS ?? 10),
    openingCredits: bonusCredits,
    maxCommands: 40,
    commands: [...purchaseCommands, ...makeUpCommands, ...makeUpCommands, ...staffCommands, reserving],
  },
  {
    what: 'with staff that moves credits beside a listener who spends them',
    runs: Number(process.env.MODEL_RUNS ?? 20),
    openingCredits: bonusCredits,
    maxCommands: 60,
    commands: [...staffCommands, ...staffCommands, reserving, settling, granting, advancing, folding],
  },
]

let stripe: StripeUnderTest

beforeAll(async () => {
  stripe = await startStripe()
})

afterAll(() => stripe.close())

it.each(worlds)(
  'keeps every account exact, $what',
  async ({ runs, openingCredits, maxCommands, commands }) => {
    const database = connect()
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands, size: '+1' }), async steps => {
        const world = createWorld(database, new TestClock(), stripe)
        const userId = await openAccount(world.ledger, world.clock.now(), openingCredits)
        const setup = () => ({
          model: {
            accounts: [new ModelAccount(openingCredits)],
            operations: [],
            purchases: [],
            captions: [],
            adjustments: [],
            channels: [],
          },
          real: { world, userIds: [userId] },
        })
        await fc.asyncModelRun(setup, steps)
      }),
      { numRuns: runs },
    )
  },
)
