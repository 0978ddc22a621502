import type { UserResponse } from '../contracts/auth.ts'
import type { BalanceResponse, ServiceType, TransactionResponse } from '../contracts/credits.ts'
import { type Account, type Hold, type LastPayment, splitTotal, withExpiredHoldsEnded } from './account.ts'
import { balanceView, userView } from './accounts.ts'
import type { LedgerAudit } from './audit-ports.ts'
import { transcriptIdOf } from './erasure.ts'
import { DomainError, UpstreamError } from './errors.ts'
import type { TransactionRow, UsageRow } from './journal.ts'
import { operationTimeMs } from './operation-id.ts'
import type { PersonalRecords } from './personal-ports.ts'
import type { Clock, LedgerStore, SpeechJobs } from './ports.ts'
import { transactionView } from './purchases.ts'

export interface PersonalDataDependencies {
  readonly store: Pick<LedgerStore, 'readAccount'>
  readonly records: Pick<PersonalRecords, 'usage'>
  readonly audit: Pick<LedgerAudit, 'transactions'>
  readonly speech: Pick<SpeechJobs, 'read'>
  readonly now: Clock
}

interface ExportedOperation {
  readonly operation_id: string
  readonly timestamp: string
  readonly service_type: ServiceType
  readonly credits_used: number
  readonly balance_after: number
  readonly price_list_version: string
  readonly metadata: UsageRow['metadata']
  /** Answers and summaries. */
  readonly result?: unknown
  /** What AssemblyAI keeps of it; null where it can't be read there any more. */
  readonly transcript?: string | null
}

/** What is under way, and what is held for it. */
interface ExportedHold {
  readonly operation_id: string
  readonly service_type: ServiceType
  readonly expires_at: string
  readonly credits: number
  readonly credits_from_balance: number
  /** By the grant's id. */
  readonly credits_from_grants: Readonly<Record<string, number>>
  readonly audio_ms?: number | undefined
  /** AssemblyAI's id of it. */
  readonly vendor_job?: string | undefined
  readonly live?:
    | {
        readonly started_at: string
        readonly lease: number
        readonly paid_seconds: number
        readonly lease_seconds: number
        readonly language: string
      }
    | undefined
}

/** Credits that lapse, those too that have lapsed or been spent and are still noted. */
interface ExportedGrant {
  readonly grant_id: string
  readonly credits: number
  readonly expires_at: string
  readonly source: string
}

interface ExportedTransaction extends TransactionResponse {
  readonly stripe_session_id?: string | undefined
  readonly price_list_version?: string | undefined
  readonly grant_id?: string | undefined
  readonly lapses_at?: string | undefined
  readonly reason?: string | undefined
}

/** Everything that is kept about a listener, as the law lets them ask for it. */
export interface PersonalData {
  readonly exported_at: string
  readonly account: UserResponse & { readonly is_active: boolean; readonly last_payment: LastPayment | null }
  readonly credits: Omit<BalanceResponse, 'grants'> & { readonly grants: readonly ExportedGrant[] }
  readonly open_operations: readonly ExportedHold[]
  /** When the allowance for refunds and repeated tokens was used. */
  readonly allowance_uses: readonly string[]
  readonly operations: readonly ExportedOperation[]
  readonly transactions: readonly ExportedTransaction[]
  readonly vendors: {
    readonly stripe: { readonly customer_id: string | null }
    readonly assemblyai: { readonly transcript_ids: readonly string[] }
  }
  /** What can't be listed by person, in words. */
  readonly also_kept: readonly string[]
}

const alsoKept = [
  'Sign-ins: a digest of the refresh token and the user id, for 60 days after the last use.',
  'Throttle counters and notes about running and failed jobs, by user id, for at most 7 days.',
  'Log lines with ids and codes, without content, for as long as logs are kept.',
  'Backups of all of this, for at most 35 days.',
  'Payments, at Stripe.',
  'The password’s digest, a count of the account’s changes, and of each operation a digest of its request, which tells a repeat.',
  'Of credits that staff moved: who of the staff it was.',
]

const iso = (atMs: number): string => new Date(atMs).toISOString()

/**
 * Reads all that is kept about an account, transcripts at the speech vendor included. Neither the password's hash nor
 * who of the staff moved credits is part of it; `also_kept` says so.
 * @throws {DomainError} `not_found`
 */
export const readPersonalData = async (
  deps: PersonalDataDependencies,
  userId: string,
): Promise<PersonalData> => {
  const account = await deps.store.readAccount(userId)
  if (!account) throw new DomainError('not_found', 'There is no such account.')
  const nowMs = deps.now()
  const seen = withExpiredHoldsEnded(account, nowMs)
  const rows: UsageRow[] = []
  for await (const page of deps.records.usage(userId)) rows.push(...page)
  const transactions = await deps.audit.transactions(userId, 'strong')
  const operations: ExportedOperation[] = []
  for (const row of rows) operations.push(await exportRow(deps, row))
  return {
    exported_at: iso(nowMs),
    account: {
      ...userView(account),
      is_active: account.isActive,
      last_payment: account.lastPayment ?? null,
    },
    credits: { ...balanceView(seen, nowMs), grants: exportGrants(seen) },
    open_operations: Object.entries(account.holds).map(exportHold),
    allowance_uses: account.allowanceUses.map(seconds => iso(seconds * 1_000)),
    operations,
    transactions: transactions.map(exportTransaction),
    vendors: {
      stripe: { customer_id: account.stripeCustomerId ?? null },
      assemblyai: { transcript_ids: rows.flatMap(row => transcriptIdOf(row) ?? []) },
    },
    also_kept: alsoKept,
  }
}

const exportGrants = ({ grants }: Account): ExportedGrant[] =>
  Object.entries(grants).map(([id, { remaining, expiresAtMs, source }]) => ({
    grant_id: id,
    credits: remaining,
    expires_at: iso(expiresAtMs),
    source,
  }))

const exportHold = ([operationId, hold]: [string, Hold]): ExportedHold => ({
  operation_id: operationId,
  service_type: hold.service,
  expires_at: iso(hold.expiresAtMs),
  credits: splitTotal(hold.split),
  credits_from_balance: hold.split.fromBalance,
  credits_from_grants: hold.split.fromGrants,
  audio_ms: hold.audioMs,
  vendor_job: hold.reference,
  live: hold.live && {
    started_at: iso(hold.live.startedAtMs),
    lease: hold.live.lease,
    paid_seconds: hold.live.paidSeconds,
    lease_seconds: hold.live.leaseSeconds,
    language: hold.live.language,
  },
})

const exportTransaction = (row: TransactionRow): ExportedTransaction => ({
  ...transactionView(row),
  stripe_session_id: row.stripeSessionId,
  price_list_version: row.priceListVersion,
  grant_id: row.grantId,
  lapses_at: row.lapsesAt,
  reason: row.reason,
})

const exportRow = async (
  { speech }: Pick<PersonalDataDependencies, 'speech'>,
  row: UsageRow,
): Promise<ExportedOperation> => {
  const transcriptId = transcriptIdOf(row)
  return {
    operation_id: row.operationId,
    timestamp: iso(operationTimeMs(row.operationId)),
    service_type: row.service,
    credits_used: row.creditsUsed,
    balance_after: row.balanceAfter,
    price_list_version: row.priceListVersion,
    metadata: row.metadata,
    result: row.result,
    ...(transcriptId === undefined ? {} : { transcript: await readTranscript(speech, transcriptId) }),
  }
}

/** What the vendor has for good not got is told as such; what it can't tell now fails the export. */
const readTranscript = async (
  speech: PersonalDataDependencies['speech'],
  transcriptId: string,
): Promise<string | null> => {
  try {
    const state = await speech.read(transcriptId)
    return state.status === 'completed' ? state.transcript.text : null
  } catch (error) {
    if (error instanceof UpstreamError && error.kind === 'unreadable') return null
    throw error
  }
}
