import type { Database } from '../src/db/dynamodb.ts'
import { DynamoLedgerAudit } from '../src/db/ledger-audit.ts'
import { DynamoLedgerStore } from '../src/db/ledger-store.ts'
import type { ReconcileMark } from '../src/domain/audit-ports.ts'
import { LedgerCheck } from '../src/domain/ledger-check.ts'
import { PaymentsCheck } from '../src/domain/payments-check.ts'
import { Reconciliation } from '../src/domain/reconciliation.ts'
import { StripePaymentRecords } from '../src/upstream/stripe/payment-records.ts'
import { backoff, sleep } from '../src/wiring/clock.ts'
import { wireStripe } from '../src/wiring/stripe.ts'
import type { Operation } from './command.ts'
import { failuresTo } from './failure-log.ts'

/** An operator's run looks at everything, and leaves the nightly one's mark alone. */
const noMark: ReconcileMark = {
  read: async () => undefined,
  note: async () => undefined,
  write: async () => undefined,
}

/** The nightly reconciliation, over any tables of a stage. What an account fails with goes to the operator. */
export const reconciliationOf = async (
  { target, progress }: Pick<Operation, 'target' | 'progress'>,
  database: Database,
  options: {
    readonly now: () => number
    /** How long what does not agree with Stripe is given before it is looked at again. */
    readonly secondLookMs: number
  },
): Promise<Reconciliation> => {
  const store = new DynamoLedgerStore(database, backoff)
  const audit = new DynamoLedgerAudit(database, backoff)
  const load = wireStripe(await target.config('stripe'))
  const records = new StripePaymentRecords({ load, stage: target.stage })
  return new Reconciliation({
    audit,
    ledgerCheck: new LedgerCheck({ store, audit, sleep }),
    paymentsCheck: new PaymentsCheck({ records, store, sleep, ...options }),
    mark: noMark,
    now: options.now,
    log: failuresTo(progress),
  })
}
