import { jobErrorCodes } from '../contracts/job-errors.ts'
import type { Answer, JobError, Segment, Summary, Word } from '../contracts/transcription.ts'
import type { Account, Hold, Split } from './account.ts'
import type { AccountChange, AccountCondition, TransactionRow, UsageRow } from './journal.ts'

export type { Answer, Segment, Summary }

/** Milliseconds since the epoch. */
export type Clock = () => number

/** Waits before the next try of a write that lost a race: full jitter, longer with each attempt (from 0). */
export type Backoff = (attempt: number) => Promise<void>

/** A conditional write's outcome: the account after it, or the account as it was found when the condition failed. */
export type Written =
  | { readonly written: true; readonly account: Account }
  | { readonly written: false; readonly account: Account | undefined }

/** A reservation: whose, for what, and exactly which hold. */
export interface Reservation {
  readonly userId: string
  readonly operationId: string
  readonly hold: Hold
}

export type SettleOutcome =
  | { readonly outcome: 'settled' }
  /** The journal has a row for this operation: somebody settled it first. */
  | { readonly outcome: 'row_exists'; readonly row: UsageRow }
  /** The account has moved since it was read, or the hold is gone. */
  | { readonly outcome: 'account_moved'; readonly account: Account | undefined }

/** A session at Stripe that was paid, and the purchase that it was opened for. */
export interface PaidSession {
  readonly sessionId: string
  readonly transactionId: string
}

export type MovementOutcome =
  | { readonly outcome: 'written' }
  /** The row stands already, in a state that this movement must not change. */
  | { readonly outcome: 'row_exists'; readonly row: TransactionRow | undefined }
  /** The payment has given its credits by another row: the purchase's own, or staff's. */
  | { readonly outcome: 'payment_credited' }
  /** It has moved since it was read, or is not as the movement needs it. */
  | { readonly outcome: 'account_moved'; readonly account: Account | undefined }

/** The allowance's uses as they were read, and as they shall be: epoch seconds. */
export interface AllowanceChange {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** The tables that hold money. Every write here is one conditional write or one transaction. Reads are strongly consistent. */
export interface LedgerStore {
  readAccount(userId: string): Promise<Account | undefined>
  readUsage(userId: string, operationId: string): Promise<UsageRow | undefined>
  readTransaction(transactionId: string): Promise<TransactionRow | undefined>
  /** Takes the split out of grants and balance and adds the hold, if they suffice and the grants have not lapsed. One write unit. */
  reserve(reservation: Reservation, nowMs: number, expectedRevision?: number): Promise<Written>
  /** Takes `added` likewise and puts `renewed` in the place of the hold, if that is still there unchanged. One write unit. */
  renew(reservation: Reservation, renewed: Hold, added: Split, nowMs: number): Promise<Written>
  /** Notes a use of the allowance, if the hold is still there unchanged and the allowance too. One write unit. */
  useAllowance(reservation: Reservation, change: AllowanceChange): Promise<Written>
  /** Gives the hold back where it came from, if it is still there. One write unit. */
  release(reservation: Reservation): Promise<Written>
  /** Notes the vendor's job on the hold, if it is still there. One write unit. */
  attachReference(reservation: Reservation, reference: string): Promise<Written>
  /**
   * Ends the hold and journals the debit, if the hold is there (and, with `expectedRevision`, if the account has
   * not moved since; with `allowance`, if that has not). Four write units.
   */
  settle(
    reservation: Reservation,
    returned: Split,
    row: UsageRow,
    expectedRevision: number | undefined,
    allowance?: AllowanceChange,
  ): Promise<SettleOutcome>
  /**
   * Journals an operation that costs nothing, if no other request holds credits under its key; answers the row that
   * stands, undefined where there is such a hold, or the account is closed. Counts as a move of the account. Four write units.
   */
  putUsageIfAbsent(row: UsageRow): Promise<UsageRow | undefined>
  /**
   * Journals a new movement and applies it (with `expectedRevision`, if the account has not moved; with `condition`,
   * if that holds of it; with `paid`, if that session has not credited its purchase). Six write units, two of them for
   * the row's index, and two for `paid`.
   */
  recordMovement(
    row: TransactionRow,
    change: AccountChange,
    expectedRevision: number | undefined,
    condition?: AccountCondition,
    paid?: PaidSession,
  ): Promise<MovementOutcome>
  /**
   * Completes a purchase that is not completed yet and applies it, likewise, if staff has not given the credits of its
   * session. Six write units.
   */
  completePurchase(
    row: TransactionRow,
    change: AccountChange,
    expectedRevision: number | undefined,
  ): Promise<MovementOutcome>
  /** Writes a pending purchase; answers the row that stood there before, if one did. */
  putPurchaseIfAbsent(row: TransactionRow): Promise<TransactionRow | undefined>
  /** Notes Stripe's session on a purchase. */
  attachSession(transactionId: string, stripeSessionId: string): Promise<void>
  /** Moves a purchase that is still open (`from`) to another status, with its reason. False where it is no longer in `from`. */
  moveStatus(
    transactionId: string,
    from: readonly TransactionRow['status'][],
    to: TransactionRow['status'],
    reason: string,
  ): Promise<boolean>
}

export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly nextCursor: string | undefined
}

export interface TransactionHistory {
  /** Newest first. @throws {DomainError} `validation_failed` for a cursor that is not one of ours. */
  page(userId: string, limit: number, cursor: string | undefined): Promise<Page<TransactionRow>>
}

export interface UsageHistory {
  /** Every row of the time span, newest first, without results. Both ends are included. */
  between(userId: string, fromMs: number, toMs: number): Promise<readonly UsageRow[]>
}

export interface NewAccount {
  readonly userId: string
  readonly email: string
  readonly name: string | undefined
  readonly passwordHash: string
  readonly createdAt: string
}

export interface UserDirectory {
  /** Creates the account, its e-mail's uniqueness and its bonus row in one transaction. False where the e-mail is taken. */
  create(account: NewAccount, bonus: TransactionRow): Promise<boolean>
  findByEmail(email: string): Promise<Account | undefined>
  recordLogin(userId: string, at: string): Promise<void>
  /** Keeps the first customer that was noted, and answers it. */
  attachStripeCustomer(userId: string, customerId: string): Promise<string>
}

/** A login: a family of refresh tokens, of which one is good at a time. */
export interface Session {
  readonly familyId: string
  readonly userId: string
  readonly tokenHash: string
  readonly expiresAtMs: number
  /** The token that the present one was given for; absent before the first refresh. */
  readonly former?: FormerToken
}

export interface FormerToken {
  readonly tokenHash: string
  /** When it was used first. */
  readonly replacedAtMs: number
}

/** What a refresh makes of a session. */
export interface Rotated {
  readonly tokenHash: string
  readonly expiresAtMs: number
  readonly former: FormerToken
}

export interface SessionStore {
  put(session: Session): Promise<void>
  read(familyId: string): Promise<Session | undefined>
  /** Replaces the token if its hash is still `session.tokenHash`: it was not used meanwhile. */
  rotate(session: Session, rotated: Rotated): Promise<boolean>
  end(familyId: string): Promise<void>
}

/** Counts work that failed and so was free for the listener, but not for us. */
export interface FailureMeter {
  note(userId: string): Promise<void>
}

export interface Counters {
  /** Adds one and answers the new count. The counter vanishes after `expiresAtMs`. One write unit. */
  increment(key: string, expiresAtMs: number): Promise<number>
  /** The count now, 0 where there is none. */
  read(key: string): Promise<number>
}

/** Why a job that was answered with 202 came to nothing: kept for a few days, charged nothing. */
export type JobFailure = Readonly<JobError>
export const jobFailureCodes = jobErrorCodes

export interface JobFailures {
  record(userId: string, operationId: string, failure: JobFailure, expiresAtMs: number): Promise<void>
  read(userId: string, operationId: string): Promise<JobFailure | undefined>
}

export interface PasswordHasher {
  hash(password: string): Promise<string>
  verify(password: string, hash: string): Promise<boolean>
  /** Takes as long as `verify` does, and is always false: for e-mails that nobody has registered. */
  verifyNothing(password: string): Promise<false>
}

export interface AccessTokens {
  /** Seconds that a new token is good for. */
  readonly lifeSeconds: number
  issue(userId: string, nowMs: number): Promise<string>
  /** The user id, or undefined for a token that is not ours, not intact or not in date. */
  verify(token: string, nowMs: number): Promise<string | undefined>
}

export interface Secrets {
  /** A new random secret of 256 bits, URL-safe. */
  random(): string
  /** SHA-256, URL-safe. */
  digest(text: string): string
  /** A user id or operation id: UUIDv7. */
  uuid(nowMs: number): string
}

/** What a clip's bytes turn out to be. */
export type ClipInspection =
  | { readonly kind: 'audio'; readonly format: string; readonly durationMs: number }
  | { readonly kind: 'unreadable'; readonly problem: 'empty' | 'not_audio' | 'truncated' | 'too_short' }

export interface ClipInspector {
  inspect(bytes: Uint8Array): Promise<ClipInspection>
}

export interface Transcript {
  readonly text: string
  readonly words: readonly Word[]
  /** The length that the vendor found. */
  readonly audioSeconds: number
}

export type TranscriptState =
  | { readonly status: 'processing' }
  | { readonly status: 'completed'; readonly transcript: Transcript }
  /** The vendor found nobody speaking. */
  | { readonly status: 'no_speech' }
  | { readonly status: 'failed' }

/** Whose job a vendor's call-back is about: the operation, and which attempt of it, told by its hold's expiry. */
export interface JobCallback {
  readonly userId: string
  readonly operationId: string
  readonly holdExpiresAtMs: number
}

/** What a clip's call-back says beside it: enough to deliver a result for which nothing is held any more. */
export interface ClipCallback extends JobCallback {
  readonly requestHash: string
  readonly audioMs: number
}

/** What a channel's call-back says beside it: enough to go on without anything else, also once nothing is held. */
export interface CatchupCallback extends JobCallback {
  readonly requestHash: string
  readonly window: RecordingWindow
}

/** Speech to text by a job at the vendor. Every method throws `UpstreamError`. */
export interface SpeechJobs {
  /** Uploads the clip and asks for its transcript; the vendor will call back for this operation. Answers the vendor's id. */
  submit(bytes: Uint8Array, callback: ClipCallback): Promise<string>
  /**
   * The same for sound that is uploaded as it comes, and never whole in memory. Where the upload ends early, the
   * reading is ended too.
   * @throws {SourceError} where an `UpstreamError` ended the reading, or the time was up while it was waited for
   */
  submitStream(audio: AsyncIterable<Uint8Array>, callback: CatchupCallback): Promise<string>
  /** @throws {UpstreamError} `unreadable` where asking again can't help */
  read(transcriptId: string): Promise<TranscriptState>
  /** Whether there is nothing to wait for any more: heard, failed, or not to be read for good. Reads no words. */
  hasEnded(transcriptId: string): Promise<boolean>
}

/** The language model. Every method throws `UpstreamError`. `userId` reaches the vendor only as a digest. */
export interface LanguageModel {
  answer(question: string, segments: readonly Segment[], userId: string): Promise<Answer>
  summarise(segments: readonly Segment[], userId: string): Promise<Summary>
  /** One summary of what summaries of a transcript's parts say, in the order of time. Its points cite theirs. */
  summariseNotes(notes: Summary['points'], userId: string): Promise<Summary>
}

/** A stretch of a channel's recording. Positions are milliseconds from the recording's start. */
export interface RecordingWindow {
  readonly channel: string
  readonly recordingId: string
  /** ISO 8601. */
  readonly recordedAt: string
  /** Whether it is the recording of what is on air now. */
  readonly isLive: boolean
  readonly fromMs: number
  readonly toMs: number
  /** How much of the stretch the platform has muted. */
  readonly mutedMs: number
}

/** Why a channel can't be caught up on. Trying again at once would not help. */
export type ChannelRefusal =
  | 'channel_not_found'
  | 'channel_offline'
  | 'no_recording'
  /** Every recording that was tried is for subscribers only, or has no playlist. */
  | 'recording_unavailable'
  | 'recording_muted'
  /** More bytes than the speech vendor takes. */
  | 'recording_too_large'

export type FoundRecording =
  | { readonly found: true; readonly window: RecordingWindow; readonly audio: RecordedAudio }
  | { readonly found: false; readonly refusal: ChannelRefusal }

/** The sound of a window, in order. It is fetched as it is read, and no further ahead than a few segments. */
export interface RecordedAudio {
  /**
   * Can be read once. Reading throws `UpstreamError`; ending the iteration early stops the fetching.
   * @param onProgress is told how many milliseconds of the window have been handed on, never less than before
   */
  read(onProgress: (doneMs: number) => void): AsyncIterable<Uint8Array>
}

/** A platform's channels. Every method throws `UpstreamError`. */
export interface ChannelRecordings {
  /**
   * The last `minutes` of what the channel has on air, or all of it where there is less. Where that recording
   * can't be played, or there is none, several older ones are tried, the newest first: the window's `isLive` is
   * false then. A channel that is off air is refused, whatever it has recorded.
   */
  findLast(channel: string, minutes: number): Promise<FoundRecording>
}

/** To be done: find a channel's sound and hand it to the speech vendor. */
export interface ChannelJob extends JobCallback {
  readonly kind: 'channel'
  readonly channel: string
  readonly minutes: number
}

/** To be done: summarise what the speech vendor has heard on a channel. */
export interface TranscriptJob extends CatchupCallback {
  readonly kind: 'transcript'
  readonly transcriptId: string
}

/** To be done: summarise the listener's own transcript. */
export interface SegmentsJob extends JobCallback {
  readonly kind: 'segments'
  readonly segments: readonly Segment[]
}

/** A step of a catch-up that is done without the caller. */
export type CatchupJob = ChannelJob | TranscriptJob | SegmentsJob

export interface CatchupQueue {
  /** Hands the job over and returns at once. @throws {UpstreamError} where it was not taken. */
  start(job: CatchupJob): Promise<void>
}

/** How far an attempt at a channel's catch-up has come. */
export type CatchupProgress = {
  /** Which attempt, as in `JobCallback`. */
  readonly holdExpiresAtMs: number
  readonly window: RecordingWindow
  readonly updatedAtMs: number
} & (
  | { readonly stage: 'fetching'; readonly doneMs: number }
  | { readonly stage: 'transcribing' | 'summarising'; readonly transcriptId: string }
)

/** A run of a function that claims a step. */
export interface Run {
  /** The same when the same invocation is tried again: such a try takes over at once what it has claimed. */
  readonly runId: string
  readonly nowMs: number
  /** What another run has not touched since, it has died over. */
  readonly staleAtMs: number
}

/**
 * Progress of channels' catch-ups, for who asks and for the sweep, and who does what. No credits depend on it. Every
 * write is one conditional write, and answers whether it was made.
 */
export interface CatchupProgressStore {
  read(userId: string, operationId: string): Promise<CatchupProgress | undefined>
  /**
   * Claims the fetching for an attempt whose hold was just seen open, in the place of another attempt. Not made where
   * another run fetches, or it has come further.
   */
  begin(job: JobCallback, window: RecordingWindow, run: Run): Promise<boolean>
  /** Moves an attempt on that this run is still fetching. */
  advance(job: JobCallback, progress: CatchupProgress, runId: string): Promise<boolean>
  /** Claims an attempt's summary. Not made while another run has it. */
  claim(job: TranscriptJob, run: Run): Promise<boolean>
}

/** Live captions at the speech vendor: the listener's browser opens the socket itself. */
export interface LiveSessions {
  /** The languages that can be asked for; the first is the one where none is. */
  readonly languages: readonly [string, ...string[]]
  /** Where a session in this language is opened, complete but for its token. */
  address(language: string): string
  /** A token for one session of at most `sessionSeconds`, to be opened within `redeemSeconds`. @throws {UpstreamError} */
  mintToken(request: { readonly redeemSeconds: number; readonly sessionSeconds: number }): Promise<string>
}

/** Which accounts may have something open: what a sweep looks at, instead of at every account. */
export interface ActiveAccounts {
  /** Notes that an account begins something or goes on with it. Done before its credits are held. */
  note(userId: string): Promise<void>
  /** The accounts that were noted since then, in pages. One may come more than once. */
  since(fromMs: number): AsyncIterable<readonly string[]>
}

/** Until when the last complete sweep has seen to everything: where the next one begins. */
export interface SweepMark {
  read(): Promise<number | undefined>
  /** Moves the mark forward, never back. */
  write(sweptUntilMs: number): Promise<void>
}

export interface CheckoutSession {
  readonly sessionId: string
  readonly url: string
}

export interface CheckoutOrder {
  readonly transactionId: string
  readonly userId: string
  readonly customerId: string
  readonly packageId: string
  readonly packageName: string
  readonly credits: number
  readonly priceCents: number
  readonly currency: string
  /** When the session lapses. It follows from the purchase's own time, so that a repeat asks for the same session. */
  readonly expiresAtMs: number
}

/** The payment vendor. Every method throws `UpstreamError`. */
export interface Payments {
  /** The customer for this user; the same one however often it is asked. */
  createCustomer(userId: string, email: string): Promise<string>
  /** A Checkout session; the same one for the same transaction. */
  createCheckout(order: CheckoutOrder): Promise<CheckoutSession>
  /** The user that a Stripe customer stands for, from its metadata. */
  userOfCustomer(customerId: string): Promise<string | undefined>
}

export interface DatabaseProbe {
  /** Whether the tables answer. */
  isReachable(): Promise<boolean>
}

/** A line of the log: a code from a fixed list, ids, numbers. Never a body, a token or an e-mail. */
export interface Log {
  info(code: string, fields?: LogFields): void
  error(code: string, fields?: LogFields, cause?: unknown): void
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>
