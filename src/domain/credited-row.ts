import type { PaymentRecords, TakenBackRecord } from './audit-ports.ts'
import type { TransactionRow } from './journal.ts'
import { madeUpRowId } from './movement-ids.ts'
import type { LedgerStore } from './ports.ts'

interface Records {
  readonly store: Pick<LedgerStore, 'readTransaction'>
  readonly records: Pick<PaymentRecords, 'sessionPaidBy'>
}

/**
 * The row that gave the credits of a payment: the purchase's own, or staff's; undefined where nobody was credited.
 * @throws {UpstreamError}
 */
export const creditedRowOf = async (
  { store, records }: Records,
  { transactionId, paymentId }: Pick<TakenBackRecord, 'transactionId' | 'paymentId'>,
): Promise<TransactionRow | undefined> => {
  const purchase = await store.readTransaction(transactionId)
  if (purchase?.status === 'completed') return purchase
  const session = await records.sessionPaidBy(paymentId)
  return session && store.readTransaction(madeUpRowId(session.sessionId))
}
