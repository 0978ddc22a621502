import * as z from 'zod'
import type { TransactionResponse } from '../../../src/contracts/credits.ts'

/** How a purchase ended: `in_review` where money came that does not fit it, so that somebody must look. */
export const purchaseEnds = ['paid', 'failed', 'expired', 'in_review'] as const
export type PurchaseEnd = (typeof purchaseEnds)[number]

/** A pack that is being bought: kept until its end has been seen. */
export const purchaseSchema = z.object({
  /** The purchase's id at the backend, minted and stored before it is asked for: a repeat opens the same Checkout. */
  idempotencyKey: z.string(),
  email: z.string(),
  packageId: z.string(),
  packageName: z.string(),
  credits: z.int(),
  startedAtMs: z.number(),
  /** Where it is paid; absent until the backend has answered. */
  checkout: z
    .object({
      url: z.url(),
      openedAtMs: z.number(),
      /** Absent once the tab is closed. */
      tabId: z.int().optional(),
    })
    .optional(),
  end: z.enum(purchaseEnds).optional(),
})

export type Purchase = z.infer<typeof purchaseSchema>

/** Under the 23 hours for which the backend opens the same Checkout again. */
const reusableMs = 20 * 3_600_000

/** What a listener chose to buy. */
export type Choice = Pick<Purchase, 'email' | 'packageId' | 'packageName' | 'credits'>

/** The purchase to ask for: the one under way if it is the same, so that nobody pays twice for one wish. */
export function purchaseOf(
  choice: Choice,
  underWay: Purchase | undefined,
  nowMs: number,
  newKey: () => string,
): Purchase {
  const isOpen = underWay?.end === undefined && nowMs - (underWay?.startedAtMs ?? 0) < reusableMs
  if (underWay && isOpen && isSame(underWay, choice)) return underWay
  return { ...choice, idempotencyKey: newKey(), startedAtMs: nowMs }
}

const isSame = (purchase: Purchase, choice: Choice): boolean =>
  purchase.email === choice.email && purchase.packageId === choice.packageId

/** The API's codes for a key that is no good any more: the next try needs another. */
const spentKeyCodes: ReadonlySet<string> = new Set(['validation_failed', 'idempotency_mismatch'])

/** Whether a purchase that came to this problem may be asked for again as it is: nobody knows what became of it. */
export const mayBeRepeated = (code: string): boolean => !spentKeyCodes.has(code)

/** How a purchase ended, by the account's movements; undefined while that is open. */
export function endOf(
  purchase: Purchase,
  transactions: readonly TransactionResponse[],
): PurchaseEnd | undefined {
  const own = transactions.find(({ transaction_id }) => transaction_id === purchase.idempotencyKey)
  switch (own?.status) {
    case 'completed':
      return 'paid'
    case 'failed':
    case 'expired':
      return own.status
    case 'needs_review':
      return 'in_review'
    default:
      return undefined
  }
}

/**
 * How long to wait before the next look at whether it is paid; undefined once that is hardly to be expected: then only
 * a moving balance, or the listener coming back, gives cause to look.
 *
 * @param sinceMs since Checkout was opened
 */
export function nextLookInMs(sinceMs: number): number | undefined {
  if (sinceMs < 2 * 60_000) return 4_000
  return sinceMs < 30 * 60_000 ? 20_000 : undefined
}
