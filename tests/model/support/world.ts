import { v7 } from 'uuid'
import type { Database } from '../../../src/db/dynamodb.ts'
import type { LiveRules } from '../../../src/domain/live-lease.ts'
import { Purchases } from '../../../src/domain/purchases.ts'
import type { StripeEventDependencies } from '../../../src/domain/stripe-events/event.ts'
import { lazyStripe } from '../../../src/upstream/stripe/client.ts'
import { StripePayments } from '../../../src/upstream/stripe/payments.ts'
import { createLedger } from '../../support/ledger.ts'
import { CountingSessions, createLive } from '../../support/live.ts'
import { silent } from '../../support/silent-log.ts'
import { SECRET_KEY, type StripeUnderTest } from '../../support/stripe-stand-in.ts'
import { createChannels } from './channel-world.ts'

/** A clock that a test moves. */
export class TestClock {
  #nowMs = Date.now()
  readonly now = (): number => this.#nowMs

  advance(milliseconds: number): void {
    this.#nowMs += milliseconds
  }
}

/** Short, so that few steps reach every end of them. */
export const shortLeases: LiveRules = {
  leaseSeconds: 60,
  shortestLeaseSeconds: 12,
  renewWindowSeconds: 6,
  redeemSeconds: 10,
  shortestSessionSeconds: 12,
  danglingSeconds: 120,
  allowancePerHour: 3,
  allowancePerDay: 5,
}

export const stage = 'test'

/** The ledger, purchases and Stripe's events, on real tables and the real SDK against the Stripe stand-in. */
export const createWorld = (database: Database, clock: TestClock, stripe: StripeUnderTest) => {
  const ledger = createLedger(database, clock.now)
  const load = lazyStripe({ secretKey: SECRET_KEY, apiUrl: stripe.origin })
  const payments = new StripePayments({
    load,
    stage,
    successUrl: 'http://127.0.0.1/success',
    cancelUrl: 'http://127.0.0.1/cancel',
  })
  const purchases = new Purchases({
    ledger: ledger.ledger,
    store: ledger.store,
    users: ledger.users,
    payments,
    // Stripe's clock is the machine's, and it limits how far ahead a session may expire.
    now: () => Date.now(),
    log: silent,
  })
  const events: StripeEventDependencies = {
    ledger: ledger.ledger,
    store: ledger.store,
    payments,
    stage,
    log: silent,
  }
  const sessions = new CountingSessions()
  const channels = createChannels(ledger)
  return {
    ledger,
    purchases,
    events,
    clock,
    sessions,
    channels,
    ...createLive(ledger, sessions, shortLeases),
  }
}

export type World = ReturnType<typeof createWorld>

export const newOperationId = (clock: TestClock): string => v7({ msecs: clock.now() })
