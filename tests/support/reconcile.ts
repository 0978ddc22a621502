import { DynamoLedgerAudit } from '../../src/db/ledger-audit.ts'
import { DynamoReconcileMark } from '../../src/db/reconcile-mark.ts'
import type { LedgerAudit } from '../../src/domain/audit-ports.ts'
import { LedgerCheck } from '../../src/domain/ledger-check.ts'
import { PaymentsCheck } from '../../src/domain/payments-check.ts'
import type { LedgerStore, Log } from '../../src/domain/ports.ts'
import { Reconciliation } from '../../src/domain/reconciliation.ts'
import { lazyStripe } from '../../src/upstream/stripe/client.ts'
import { StripePaymentRecords } from '../../src/upstream/stripe/payment-records.ts'
import type { TestLedger } from './ledger.ts'
import { silent } from './silent-log.ts'
import { SECRET_KEY, type StripeUnderTest } from './stripe-stand-in.ts'

interface Options {
  readonly stage?: string
  readonly log?: Log
  /** Instead of waiting. */
  readonly sleep?: (milliseconds: number) => Promise<void>
  /** Instead of the ledger's own. */
  readonly store?: Pick<LedgerStore, 'readAccount' | 'readTransaction'>
  readonly audit?: LedgerAudit
  readonly now?: () => number
}

const noBackoff = async () => undefined

/** What compares a test's tables with its Stripe stand-in. */
export const paymentsCheckOf = (
  ledger: TestLedger,
  stripe: StripeUnderTest,
  options: Options = {},
): PaymentsCheck => {
  const { stage = 'test', sleep = noBackoff, now = ledger.now, store = ledger.store } = options
  const load = lazyStripe({ secretKey: SECRET_KEY, apiUrl: stripe.origin })
  const records = new StripePaymentRecords({ load, stage })
  return new PaymentsCheck({ records, store, now, sleep, secondLookMs: 60_000 })
}

/** The nightly reconciliation on a test's tables and its Stripe stand-in. */
export const createReconciliation = (
  ledger: TestLedger,
  stripe: StripeUnderTest,
  options: Options = {},
): Reconciliation => {
  const { log = silent, sleep = noBackoff, now = ledger.now } = options
  const store = options.store ?? ledger.store
  const audit = options.audit ?? new DynamoLedgerAudit(ledger.database, noBackoff)
  return new Reconciliation({
    audit,
    ledgerCheck: new LedgerCheck({ store, audit, sleep }),
    paymentsCheck: paymentsCheckOf(ledger, stripe, options),
    mark: new DynamoReconcileMark(ledger.database, noBackoff),
    now,
    log,
  })
}
