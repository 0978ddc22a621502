import { type Account, creditsHeld, splitTotal } from './account.ts'
import type { Consistency, LedgerAudit } from './audit-ports.ts'
import type { TransactionRow } from './journal.ts'
import type { LedgerStore } from './ports.ts'

/** What an account's books do not agree in. Credits; 0 where they agree. */
export interface LedgerMismatch {
  readonly userId: string
  /** Transactions less Usage less open holds, less what the account has. */
  readonly imbalanceCredits: number
  /** The account's `total_usage` less its Usage rows. */
  readonly usageTotalCredits: number
  /** The account's `total_credits_purchased` less its completed purchases. */
  readonly purchasedTotalCredits: number
  /** Grants and open operations whose credits are below zero. */
  readonly belowZero: readonly string[]
}

export type CheckedAccount =
  | { readonly outcome: 'closes'; readonly transactions: readonly TransactionRow[] }
  | {
      readonly outcome: 'mismatch'
      readonly mismatch: LedgerMismatch
      readonly transactions: readonly TransactionRow[]
    }
  /** It moved whenever it was looked at. */
  | { readonly outcome: 'unsteady' }
  | { readonly outcome: 'gone' }

export interface LedgerCheckDependencies {
  readonly store: Pick<LedgerStore, 'readAccount'>
  readonly audit: Pick<LedgerAudit, 'usageTotal' | 'transactions'>
  readonly sleep: (milliseconds: number) => Promise<void>
}

/** A mismatch is believed when so many looks at an account that stood still have shown it. */
const looksToBelieve = 3
const mostLooks = 7
/** The index lags behind the table by less than this, mostly by milliseconds. It doubles with each look. */
const firstPauseMs = 500

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

const belowZero = ({ grants, holds }: Account): string[] => [
  ...Object.keys(grants).filter(id => (grants[id]?.remaining ?? 0) < 0),
  ...Object.entries(holds)
    .filter(([, { split }]) => splitTotal(split) < 0)
    .map(([id]) => id),
]

/** The closing equation and the account's running totals, as its journals have them; undefined where all agree. */
export const compareBooks = (
  account: Account,
  usageTotal: number,
  transactions: readonly TransactionRow[],
): LedgerMismatch | undefined => {
  const completed = transactions.filter(row => row.status === 'completed')
  const purchases = completed.filter(row => row.type === 'purchase')
  const grants = total(Object.values(account.grants).map(grant => grant.remaining))
  const mismatch: LedgerMismatch = {
    userId: account.userId,
    imbalanceCredits:
      total(completed.map(row => row.credits)) -
      usageTotal -
      creditsHeld(account) -
      account.creditsBalance -
      grants,
    usageTotalCredits: account.totalUsage - usageTotal,
    purchasedTotalCredits: account.totalCreditsPurchased - total(purchases.map(row => row.credits)),
    belowZero: belowZero(account),
  }
  const { imbalanceCredits, usageTotalCredits, purchasedTotalCredits } = mismatch
  const agrees = imbalanceCredits === 0 && usageTotalCredits === 0 && purchasedTotalCredits === 0
  return agrees && mismatch.belowZero.length === 0 ? undefined : mismatch
}

type Look = Exclude<CheckedAccount, { outcome: 'unsteady' }> | { readonly outcome: 'moved' }

/**
 * Proves one account's books while its listener goes on. The account is read before the journals and after them: what
 * moved meanwhile is looked at again, and so is what does not agree, after a pause.
 */
export class LedgerCheck {
  readonly #deps: LedgerCheckDependencies

  constructor(dependencies: LedgerCheckDependencies) {
    this.#deps = dependencies
  }

  async check(userId: string): Promise<CheckedAccount> {
    let mismatches = 0
    for (let looks = 0; looks < mostLooks; looks++) {
      if (looks > 0) await this.#deps.sleep(firstPauseMs * 2 ** (looks - 1))
      const look = await this.#look(userId, looks === 0 ? 'eventual' : 'strong')
      if (look.outcome === 'moved') continue
      if (look.outcome !== 'mismatch') return look
      mismatches++
      if (mismatches === looksToBelieve) return look
    }
    return { outcome: 'unsteady' }
  }

  async #look(userId: string, consistency: Consistency): Promise<Look> {
    const { store, audit } = this.#deps
    const before = await store.readAccount(userId)
    if (!before) return { outcome: 'gone' }
    const [usageTotal, transactions] = await Promise.all([
      audit.usageTotal(userId, consistency),
      audit.transactions(userId, consistency),
    ])
    const after = await store.readAccount(userId)
    if (after?.revision !== before.revision) return { outcome: 'moved' }
    const mismatch = compareBooks(before, usageTotal, transactions)
    return mismatch ? { outcome: 'mismatch', mismatch, transactions } : { outcome: 'closes', transactions }
  }
}
