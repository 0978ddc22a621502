import { DynamoLedgerAudit } from '../db/ledger-audit.ts'
import { DynamoLedgerStore } from '../db/ledger-store.ts'
import { DynamoReconcileMark } from '../db/reconcile-mark.ts'
import { LedgerCheck } from '../domain/ledger-check.ts'
import { PaymentsCheck } from '../domain/payments-check.ts'
import { Reconciliation } from '../domain/reconciliation.ts'
import { StripePaymentRecords } from '../upstream/stripe/payment-records.ts'
import { backoff, now, sleep } from './clock.ts'
import { read } from './environment.ts'
import { wireDatabase } from './ledger.ts'
import { wireLog } from './log.ts'
import { wireStripe } from './stripe.ts'

/** How long what does not agree with Stripe is given, at night. */
const secondLookMs = 60_000

/**
 * For the nightly reconciliation. Users: Scan, GetItem. Usage: Query. Transactions: GetItem, BatchGetItem, and Query on
 * its index. Ephemera: GetItem, PutItem, for its mark. Stripe's key.
 */
export const wireReconcile = async () => {
  const config = await read('stripe')
  const database = wireDatabase(config)
  const store = new DynamoLedgerStore(database, backoff)
  const audit = new DynamoLedgerAudit(database, backoff)
  const records = new StripePaymentRecords({ load: wireStripe(config), stage: config.base.STAGE })
  const reconciliation = new Reconciliation({
    audit,
    ledgerCheck: new LedgerCheck({ store, audit, sleep }),
    paymentsCheck: new PaymentsCheck({ records, store, now, sleep, secondLookMs }),
    mark: new DynamoReconcileMark(database, backoff),
    now,
    log: wireLog(config),
  })
  return { reconciliation, now }
}
