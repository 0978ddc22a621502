import { v7 } from 'uuid'
import { DynamoActiveAccounts } from '../../src/db/active-accounts.ts'
import { DynamoPersonalRecords } from '../../src/db/personal-records.ts'
import { Adjustments } from '../../src/domain/adjustments.ts'
import type { OpenRequest } from '../../src/domain/ledger.ts'
import type { Reservation } from '../../src/domain/ports.ts'
import { createLedger, openAccount, type TestLedger } from './ledger.ts'
import { CountingSessions, createLive, liveRules } from './live.ts'
import { catchUpOnTwoHours } from './played-catchup.ts'
import { silent } from './silent-log.ts'
import { type MeteredWrite, totalUnits } from './write-meter.ts'

/** What the ledger does, what it may write, and how to do it once. */
export interface BudgetedOperation {
  readonly name: string
  /** In Users, Usage and Transactions. */
  readonly budgetUnits: number
  /** In Ephemera, beside them. */
  readonly ephemeraUnits: number
  run(ledger: TestLedger, userId: string, nowMs: number): Promise<void>
  /** What has to be there before, and is not counted. */
  prepare?(ledger: TestLedger, userId: string, nowMs: number): Promise<void>
}

const answer = {
  answer:
    'Mister John Dashwood had leisure to consider how much there might prudently be in his power to do for them.',
  cited: [0, 7_100],
}

const request = (
  userId: string,
  nowMs: number,
  service: OpenRequest['service'],
  credits: number,
): OpenRequest => ({
  userId,
  operationId: v7({ msecs: nowMs }),
  service,
  credits,
  requestHash: 'AbCd1234',
  holdMs: 60_000,
  ...(service === 'clip_transcription' ? { audioMs: 7_100 } : {}),
})

const reserve = async (ledger: TestLedger, wanted: OpenRequest): Promise<Reservation> => {
  const opened = await ledger.ledger.open(wanted)
  if (opened.state !== 'reserved') throw new Error(`Expected a reservation, got ${opened.state}.`)
  return opened.reservation
}

/** Enough for whatever is measured. */
const bonusCredits = 2_000
const leaseMs = liveRules.leaseSeconds * 1_000
const leasesOfAnHour = 3_600_000 / leaseMs

const openCaptions = async ({ database }: TestLedger, userId: string, startMs: number) => {
  const clock = { nowMs: startMs }
  const later = createLedger(database, () => clock.nowMs)
  const { live, stops } = createLive(later, new CountingSessions())
  const operationId = v7({ msecs: startMs })
  await live.start({ userId, operationId, requestHash: 'AbCd1234', language: 'en' })
  return { clock, later, live, stops, operationId }
}

/** From the middle of an hour to the middle of the next: the account is noted as active once more. */
const captionAnHour = async (ledger: TestLedger, userId: string, atMs: number): Promise<void> => {
  const nowMs = atMs - (atMs % 3_600_000) + 1_800_000
  const { clock, live, stops, operationId } = await openCaptions(ledger, userId, nowMs)
  for (let lease = 2; lease <= leasesOfAnHour; lease++) {
    clock.nowMs = nowMs + (lease - 1) * leaseMs - 10_000
    await live.renew(userId, operationId, lease)
  }
  clock.nowMs = nowMs + 3_600_000 - 4_000
  await stops.stop(userId, operationId, undefined)
}

const abandonCaptions = async (ledger: TestLedger, userId: string, nowMs: number): Promise<void> => {
  const { clock, later } = await openCaptions(ledger, userId, nowMs)
  clock.nowMs = nowMs + leaseMs + (liveRules.danglingSeconds + 60) * 1_000
  const account = await later.store.readAccount(userId)
  if (account) await later.ledger.fold(account)
}

const pending = (userId: string, nowMs: number) => ({
  transactionId: v7({ msecs: nowMs }),
  userId,
  type: 'purchase' as const,
  status: 'pending' as const,
  packageId: 'starter',
  credits: 500,
  amountCents: 299,
  currency: 'usd',
  priceListVersion: '2026-11-01',
  createdAt: new Date(nowMs).toISOString(),
})

const byStaff = (nowMs: number) => ({
  transaction_id: v7({ msecs: nowMs }),
  reason: 'Captions failed all evening, for which we are sorry',
  actor: `arn:aws:sts::123456789012:assumed-role/Operators/${'a'.repeat(60)}`,
})

const adjustmentsOf = (ledger: TestLedger): Adjustments =>
  new Adjustments({ ...ledger, backoff: () => Promise.resolve(), log: silent })

/** What an erasure writes in our own tables, of an account with one question. */
const takeOut = async (ledger: TestLedger, userId: string): Promise<void> => {
  const records = new DynamoPersonalRecords(ledger.database, () => Promise.resolve())
  const account = await ledger.store.readAccount(userId)
  if (!account) throw new Error('There is no such account.')
  await records.close(userId)
  for await (const rows of records.usage(userId)) {
    for (const row of rows) await records.redactUsage({ ...row, metadata: {} })
  }
  if (!(await records.forget(account))) throw new Error('The account was not forgotten.')
}

/** Budgets of the ledger's operations, in write units. */
export const budgetedOperations = (): BudgetedOperation[] => {
  let prepared: Reservation | undefined
  let purchase = pending('', 0)
  const prepareHold = async (ledger: TestLedger, userId: string, nowMs: number) => {
    prepared = await reserve(ledger, request(userId, nowMs, 'ask_agent', 5))
  }
  const hold = (): Reservation => {
    if (!prepared) throw new Error('Nothing is prepared.')
    return prepared
  }
  return [
    {
      name: "the note of an account's active hour",
      budgetUnits: 0,
      ephemeraUnits: 2,
      run: async ({ database }, userId, nowMs) => {
        await new DynamoActiveAccounts(
          database,
          () => Promise.resolve(),
          () => nowMs + 3_600_000,
        ).note(userId)
      },
    },
    {
      name: 'reserve',
      budgetUnits: 1,
      ephemeraUnits: 0,
      run: async (ledger, userId, nowMs) => {
        await reserve(ledger, request(userId, nowMs, 'ask_agent', 5))
      },
    },
    {
      name: 'release',
      budgetUnits: 1,
      ephemeraUnits: 0,
      prepare: prepareHold,
      run: async ledger => {
        await ledger.ledger.release(hold())
      },
    },
    {
      name: 'settle',
      budgetUnits: 4,
      ephemeraUnits: 0,
      prepare: prepareHold,
      run: async ledger => {
        await ledger.ledger.settle(hold(), { cost: 5, metadata: { segments: 12 } })
      },
    },
    {
      name: 'a whole ask',
      budgetUnits: 5,
      ephemeraUnits: 0,
      run: async (ledger, userId, nowMs) => {
        const reservation = await reserve(ledger, request(userId, nowMs, 'ask_agent', 5))
        await ledger.ledger.settle(reservation, { cost: 5, metadata: { segments: 12 }, result: answer })
      },
    },
    {
      name: 'a whole clip',
      budgetUnits: 5,
      ephemeraUnits: 0,
      run: async (ledger, userId, nowMs) => {
        const reservation = await reserve(ledger, request(userId, nowMs, 'clip_transcription', 2))
        const metadata = { audio_ms: 7_100, transcript_id: '2f6f0f2e-6d3c-4c1b-9d57-0d2c6d6f6a11' }
        await ledger.ledger.settle(reservation, { cost: 2, metadata })
      },
    },
    {
      name: 'live captions of one hour',
      budgetUnits: 16,
      ephemeraUnits: 2,
      run: async (ledger, userId, nowMs) => captionAnHour(ledger, userId, nowMs),
    },
    {
      name: 'live captions that nobody stopped',
      budgetUnits: 5,
      ephemeraUnits: 0,
      run: async (ledger, userId, nowMs) => abandonCaptions(ledger, userId, nowMs),
    },
    {
      name: 'a catch-up on two hours of a channel',
      budgetUnits: 5,
      ephemeraUnits: 3,
      run: async (ledger, userId, nowMs) => catchUpOnTwoHours(ledger, userId, v7({ msecs: nowMs })),
    },
    {
      name: 'a purchase credited',
      budgetUnits: 6,
      ephemeraUnits: 0,
      prepare: async (ledger, userId, nowMs) => {
        purchase = pending(userId, nowMs)
        await ledger.store.putPurchaseIfAbsent(purchase)
        await ledger.store.attachSession(purchase.transactionId, `cs_test_${'a'.repeat(58)}`)
      },
      run: async ledger => {
        await ledger.ledger.creditPurchase(purchase, {
          sessionId: `cs_test_${'a'.repeat(58)}`,
          paidAt: purchase.createdAt,
        })
      },
    },
    {
      name: 'an adjustment by staff',
      budgetUnits: 6,
      ephemeraUnits: 0,
      run: async (ledger, userId, nowMs) => {
        await adjustmentsOf(ledger).adjust(userId, { ...byStaff(nowMs), credits: -50 })
      },
    },
    {
      name: "a payment's credits given by staff",
      budgetUnits: 8,
      ephemeraUnits: 0,
      run: async (ledger, userId, nowMs) => {
        const sessionId = `cs_test_${v7({ msecs: nowMs }).replaceAll('-', '')}`
        const request = { ...byStaff(nowMs), transaction_id: `session#${sessionId}`, credits: 50 }
        await adjustmentsOf(ledger).adjust(userId, request, {
          sessionId,
          transactionId: v7({ msecs: nowMs }),
        })
      },
    },
    {
      name: 'a grant by staff',
      budgetUnits: 6,
      ephemeraUnits: 0,
      run: async (ledger, userId, nowMs) => {
        const expires_at = new Date(nowMs + 60_000).toISOString()
        await adjustmentsOf(ledger).grant(userId, { ...byStaff(nowMs), credits: 50, expires_at })
      },
    },
    {
      name: 'an account with one question erased',
      budgetUnits: 10,
      ephemeraUnits: 0,
      prepare: async (ledger, userId, nowMs) => {
        const reservation = await reserve(ledger, request(userId, nowMs, 'ask_agent', 5))
        await ledger.ledger.settle(reservation, { cost: 5, metadata: { segments: 12 }, result: answer })
      },
      run: async (ledger, userId) => takeOut(ledger, userId),
    },
  ]
}

/** Does an operation once on an account of its own, active in this hour already, and answers what it wrote. */
export const measure = async (
  ledger: TestLedger,
  operation: BudgetedOperation,
  take: () => MeteredWrite[],
  nowMs: number,
): Promise<{ units: number; ephemeraUnits: number; writes: MeteredWrite[] }> => {
  const userId = await openAccount(ledger, nowMs, bonusCredits)
  await ledger.activity.note(userId)
  await operation.prepare?.(ledger, userId, nowMs)
  take()
  await operation.run(ledger, userId, nowMs)
  const writes = take()
  const ephemeral = writes.filter(write => write.table === 'ephemera')
  const ephemeraUnits = totalUnits(ephemeral)
  return { units: totalUnits(writes) - ephemeraUnits, ephemeraUnits, writes }
}
