import type * as z from 'zod'
import type { UsageResponse } from './analytics.ts'
import type { SessionResponse, UserResponse } from './auth.ts'
import type { BalanceResponse, PriceList, PurchaseResponse, TransactionsResponse } from './credits.ts'
import type { ErrorCode, problemSchema } from './errors.ts'
import type { LeaseResponse, StopResponse } from './live-captions.ts'
import type { AskRequest, AskResponse, CatchupAccepted, CatchupResponse } from './transcription.ts'

const userId = '01937a4e-5c00-7b3a-9f21-2c6a1d0e8f44'
const operationId = '01937a52-8f10-7c1d-8a55-90b7f3e2d166'
const transactionId = '01937a50-1e80-7d42-b6c3-5f1e7a9d2c08'

export const credentialsExample = { email: 'listener@example.com', password: 'a long enough password' }

export const userExample: UserResponse = {
  user_id: userId,
  email: 'listener@example.com',
  name: 'Ada',
  email_verified: false,
  subscription_tier: 'free',
  created_at: '2026-11-21T09:30:00.000Z',
  last_login: '2026-11-21T09:30:00.000Z',
  payment_failed_at: null,
}

export const tokensExample = {
  access_token: 'eyJhbGciOiJIUzI1NiIsImtpZCI6IjlmODZkMDgxODg0YyJ9.eyJzdWIiOiIwMTkzN2E0ZSJ9.c2lnbmF0dXJl',
  expires_in: 900,
  refresh_token: '01937a4e-5c01-7e0b-8d37-6b1f0c9a4e52.qk3mB0tZ0o4yq8l0c7vXh2nYw5dR9aUeJsTfPgLxKiM',
}

export const sessionExample: SessionResponse = { user: userExample, ...tokensExample }

export const priceListExample: PriceList = {
  price_list_version: '2026-11-22',
  currency: 'usd',
  packages: [{ package_id: 'starter', name: 'Starter', credits: 500, price_cents: 299 }],
  plans: [],
  rates: {
    live_transcription: { credits: 1, per_seconds_begun: 6 },
    clip_transcription: { credits: 1, per_seconds_begun: 6 },
    catchup: { credits: 20 },
    catchup_channel: { credits: 10, per_minutes_begun: 1 },
    ask_agent: { credits: 5 },
  },
  signup_bonus: 200,
}

export const balanceExample: BalanceResponse = {
  credits_available: 693,
  credits_balance: 693,
  credits_held: 5,
  grants: [],
  total_credits_purchased: 500,
  total_usage: 2,
}

export const purchaseExample: PurchaseResponse = {
  transaction_id: transactionId,
  session_id: 'cs_test_a1B2c3D4',
  checkout_url: 'https://checkout.stripe.com/c/pay/cs_test_a1B2c3D4',
}

export const transactionsExample: TransactionsResponse = {
  transactions: [
    {
      transaction_id: transactionId,
      type: 'purchase',
      package_id: 'starter',
      credits: 500,
      amount_cents: 299,
      currency: 'usd',
      status: 'completed',
      created_at: '2026-11-21T09:32:00.000Z',
      completed_at: '2026-11-21T09:33:10.000Z',
      balance_after: 700,
    },
  ],
}

export const clipExample = {
  operation_id: operationId,
  status: 'completed' as const,
  text: 'It is a truth universally acknowledged.',
  words: [{ text: 'It', start_ms: 320, end_ms: 440, confidence: 0.98 }],
  audio_seconds: 7.1,
  credits_used: 2,
  credits_available: 698,
}

export const processingClipExample = {
  operation_id: operationId,
  status: 'processing' as const,
  credits_held: 2,
}

const segmentsExample: AskRequest['segments'] = [
  { start_ms: 0, end_ms: 4_200, text: 'The new station opens in May.', speaker: 'Anna' },
  { start_ms: 4_200, end_ms: 9_000, text: 'Until then the trains stop at the harbour.' },
]

export const askRequestExample: AskRequest = {
  question: 'When does the station open?',
  segments: segmentsExample,
}

export const askExample: AskResponse = {
  operation_id: operationId,
  answer: 'It opens in May.',
  cited: [0],
  credits_used: 5,
  credits_available: 693,
}

export const catchupRequestExample = { segments: segmentsExample }

export const catchupAcceptedExample: CatchupAccepted = {
  operation_id: operationId,
  status: 'processing',
  credits_held: 20,
}

export const catchupExample: CatchupResponse = {
  operation_id: operationId,
  status: 'completed',
  stage: 'completed',
  summary: {
    headline: 'A new station opens in May.',
    points: [{ at_ms: 604_200, text: 'Until then trains stop at the harbour.' }],
  },
  recording: {
    channel: 'speaks',
    video_id: '2290000001',
    recorded_at: '2026-11-21T08:55:00.000Z',
    is_live: true,
    from_ms: 600_000,
    to_ms: 2_400_000,
    muted_ms: 0,
  },
  credits_used: 300,
}

export const usageExample: UsageResponse = {
  usage: [
    {
      operation_id: operationId,
      timestamp: '2026-11-21T09:35:00.000Z',
      service_type: 'clip_transcription',
      credits_used: 2,
      balance_after: 698,
      metadata: { audio_ms: 7_100, price_list_version: '2026-11-01' },
    },
  ],
  summary: {
    credits_used: 2,
    by_service: { clip_transcription: 2 },
    by_day: { '2026-11-21': 2 },
  },
}

export const usageCsvExample = [
  'timestamp,operation_id,service_type,credits_used,balance_after,metadata',
  `2026-11-21T09:35:00.000Z,${operationId},clip_transcription,2,698,"{""audio_ms"":7100}"`,
  '',
].join('\n')

type ProblemExample = Omit<z.output<typeof problemSchema>, 'type' | 'title' | 'status' | 'code'>

/** What each error may tell beside its type, title, status and code. */
export const problemExamples: Readonly<Record<ErrorCode, ProblemExample>> = {
  validation_failed: {
    detail:
      'The request is not valid: package_id: Must be one of starter, popular, power. Nothing was charged. Correct it and send it again.',
    errors: [{ path: 'package_id', message: 'Must be one of starter, popular, power.' }],
  },
  unauthenticated: { detail: 'The access token is missing, wrong or out of date. Sign in again.' },
  insufficient_credits: {
    detail: 'This costs 20 credits and 12 are left. Nothing was charged. Buy credits to go on.',
    required: 20,
    available: 12,
  },
  account_in_debt: {
    detail: 'A payment was taken back, and 300 credits are owed. Nothing was charged. Buy credits to go on.',
    required: 5,
    available: 0,
  },
  not_found: {
    detail: 'There is no such operation, or it ended without a result. Nothing was charged for it.',
  },
  email_taken: { detail: 'This e-mail has an account already. Sign in instead.' },
  too_many_open_operations: {
    detail: 'At most 8 operations can be open at once. Nothing was charged. Try again when one has finished.',
  },
  operation_in_progress: {
    detail:
      'This question is being answered already. Nothing more is charged. Send the same request again in a few seconds.',
    operation_id: operationId,
    retry_after_seconds: 2,
  },
  live_already_open: {
    detail:
      'Live captions are open on this account already. Nothing was charged. Stop those first, or wait until they end.',
    operation_id: operationId,
    retry_after_seconds: 212,
  },
  allowance_spent: {
    detail:
      'This lease was handed out before, and no more repeats are free today. Nothing more was charged. Renew from 2026-11-21T09:39:30.000Z on.',
    operation_id: operationId,
  },
  renew_too_early: {
    detail: 'The next lease can be had in 212 seconds. Nothing was charged.',
    operation_id: operationId,
    retry_after_seconds: 212,
  },
  lease_over: {
    detail: 'These captions have ended. Nothing more was charged. Start new ones.',
    operation_id: operationId,
  },
  wrong_lease: {
    detail: 'Lease 4 is in force: ask for it again, or for lease 5 when it is time. Nothing was charged.',
    operation_id: operationId,
    lease: 4,
  },
  body_too_large: {
    detail: 'The body has 5000000 bytes and may have 4500000. Nothing was charged. Send less at once.',
  },
  unsupported_media: {
    detail: 'This is not audio that can be read: send wav, mp3, m4a, webm, ogg or flac. Nothing was charged.',
  },
  idempotency_mismatch: {
    detail: 'This Idempotency-Key was used for another request. Nothing was charged. Send a new key.',
  },
  too_many_requests: {
    detail: 'Too many tries. Nothing was charged. Try again in 42 seconds.',
    retry_after_seconds: 42,
  },
  upstream_failed: { detail: 'The transcription failed. Nothing was charged. Try again.' },
  upstream_timeout: { detail: 'The transcription took too long. Nothing was charged. Try again.' },
  internal: {
    detail: 'Something went wrong here. Try again; if it stays, tell us the error_id.',
    error_id: '01937a5c-2a40-7f19-93de-0b8c4e6f7a11',
  },
}

export const leaseExample: LeaseResponse = {
  operation_id: operationId,
  lease: 1,
  websocket_url:
    'wss://streaming.assemblyai.com/v3/ws?speech_model=universal-streaming-english&encoding=pcm_s16le&sample_rate=16000&format_turns=true&inactivity_timeout=60',
  token: 'AQICAHhSingleUseToken',
  lease_seconds: 300,
  lease_expires_at: '2026-11-21T09:40:00.000Z',
  renew_from: '2026-11-21T09:39:30.000Z',
  credits_held: 50,
  credits_available: 643,
}

export const renewedLeaseExample: LeaseResponse = {
  ...leaseExample,
  lease: 2,
  lease_expires_at: '2026-11-21T09:45:00.000Z',
  renew_from: '2026-11-21T09:44:30.000Z',
  credits_held: 100,
  credits_available: 593,
}

export const stoppedExample: StopResponse = {
  operation_id: operationId,
  seconds: 412,
  credits_used: 69,
  credits_refunded: 31,
  credits_available: 624,
}
