import * as z from 'zod'
import { usageQuerySchema, usageResponseSchema } from './analytics.ts'
import {
  loginRequestSchema,
  refreshRequestSchema,
  registerRequestSchema,
  sessionResponseSchema,
  tokensSchema,
  userSchema,
} from './auth.ts'
import {
  balanceResponseSchema,
  priceListSchema,
  purchaseRequestSchema,
  purchaseResponseSchema,
  transactionsQuerySchema,
  transactionsResponseSchema,
} from './credits.ts'
import type { ErrorCode } from './errors.ts'
import * as examples from './examples.ts'
import { healthResponseSchema } from './health.ts'
import {
  leaseResponseSchema,
  renewRequestSchema,
  stopRequestSchema,
  stopResponseSchema,
  streamRequestSchema,
} from './live-captions.ts'
import { operationPathSchema } from './operation-path.ts'
import { type Body, jsonRequest, jsonResponse, type Route } from './route.ts'
import {
  askRequestSchema,
  askResponseSchema,
  catchupAcceptedSchema,
  catchupRequestSchema,
  catchupResponseSchema,
  clipResponseSchema,
  maxClipBytes,
} from './transcription.ts'
import { transcriptCallbackQuerySchema, transcriptCallbackSchema, webhookResponseSchema } from './webhooks.ts'

const [clipCompletedSchema, clipProcessingSchema] = clipResponseSchema.options

/** What a JSON body can be refused for. */
const jsonErrors = ['validation_failed', 'body_too_large'] as const satisfies readonly ErrorCode[]

/** What every request that spends credits can be refused for. */
const spendingErrors = [
  'validation_failed',
  'unauthenticated',
  'insufficient_credits',
  'account_in_debt',
  'too_many_open_operations',
  'body_too_large',
  'idempotency_mismatch',
  'too_many_requests',
] as const satisfies readonly ErrorCode[]

const htmlPage: Body = { mediaType: 'text/html', schema: z.string() }

const refreshExample = { refresh_token: examples.tokensExample.refresh_token }

/** Every route of the HTTP API: the one list that docs/openapi.json is made from. */
export const routes: readonly Route[] = [
  {
    method: 'POST',
    path: '/auth/register',
    operationId: 'register',
    area: 'accounts',
    summary: 'Open an account and sign in',
    access: 'public',
    idempotencyKey: false,
    body: jsonRequest(registerRequestSchema, { ...examples.credentialsExample, name: 'Ada' }),
    answers: {
      201: {
        description: 'The account is open, and signed in to.',
        bodies: [jsonResponse(sessionResponseSchema, examples.sessionExample)],
      },
    },
    errors: [...jsonErrors, 'email_taken', 'too_many_requests'],
  },
  {
    method: 'POST',
    path: '/auth/login',
    operationId: 'login',
    area: 'accounts',
    summary: 'Sign in',
    access: 'public',
    idempotencyKey: false,
    body: jsonRequest(loginRequestSchema, examples.credentialsExample),
    answers: {
      200: {
        description: 'Signed in.',
        bodies: [jsonResponse(sessionResponseSchema, examples.sessionExample)],
      },
    },
    errors: [...jsonErrors, 'unauthenticated', 'too_many_requests'],
  },
  {
    method: 'POST',
    path: '/auth/refresh',
    operationId: 'refresh',
    area: 'accounts',
    summary: 'Exchange a refresh token for new tokens',
    description:
      'A refresh token is good for one use. An answer that was lost can be asked for again with the same token, for 60 seconds: only the newest answer’s token is good then. Any other second use ends the sign-in that the token belongs to.',
    access: 'public',
    idempotencyKey: false,
    body: jsonRequest(refreshRequestSchema, refreshExample),
    answers: {
      200: {
        description: 'New tokens. The old refresh token is used up.',
        bodies: [jsonResponse(tokensSchema, examples.tokensExample)],
      },
    },
    errors: [...jsonErrors, 'unauthenticated', 'too_many_requests'],
  },
  {
    method: 'POST',
    path: '/auth/logout',
    operationId: 'logout',
    area: 'accounts',
    summary: 'End the sign-in that a refresh token belongs to',
    access: 'public',
    idempotencyKey: false,
    body: jsonRequest(refreshRequestSchema, refreshExample),
    answers: {
      204: { description: 'Signed out. A token that is none is answered the same.', bodies: [] },
    },
    errors: jsonErrors,
  },
  {
    method: 'GET',
    path: '/auth/user',
    operationId: 'readUser',
    area: 'accounts',
    summary: 'Read the signed-in account',
    access: 'access_token',
    idempotencyKey: false,
    answers: {
      200: { description: 'The account.', bodies: [jsonResponse(userSchema, examples.userExample)] },
    },
    errors: ['unauthenticated'],
  },
  {
    method: 'GET',
    path: '/credits/packages',
    operationId: 'readPriceList',
    area: 'credits',
    summary: 'Read the price list',
    access: 'public',
    idempotencyKey: false,
    answers: {
      200: {
        description: 'What can be bought, and what each service costs.',
        bodies: [jsonResponse(priceListSchema, examples.priceListExample)],
      },
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/credits/balance',
    operationId: 'readBalance',
    area: 'credits',
    summary: 'Read what can be spent',
    access: 'access_token',
    idempotencyKey: false,
    answers: {
      200: {
        description: 'The balance.',
        bodies: [jsonResponse(balanceResponseSchema, examples.balanceExample)],
      },
    },
    errors: ['unauthenticated'],
  },
  {
    method: 'POST',
    path: '/credits/purchase',
    operationId: 'startPurchase',
    area: 'credits',
    summary: 'Start buying a pack of credits',
    description: 'Open `checkout_url` for the payment. The credits arrive once Stripe confirms it.',
    access: 'access_token',
    idempotencyKey: true,
    body: jsonRequest(purchaseRequestSchema, { package_id: 'starter' }),
    answers: {
      201: {
        description: 'The purchase, waiting for its payment.',
        bodies: [jsonResponse(purchaseResponseSchema, examples.purchaseExample)],
      },
    },
    errors: [
      ...jsonErrors,
      'unauthenticated',
      'idempotency_mismatch',
      'too_many_requests',
      'upstream_failed',
      'upstream_timeout',
    ],
  },
  {
    method: 'GET',
    path: '/credits/transactions',
    operationId: 'listTransactions',
    area: 'credits',
    summary: 'List what moved credits in or out, beside usage',
    access: 'access_token',
    idempotencyKey: false,
    query: transactionsQuerySchema,
    answers: {
      200: {
        description: 'One page, newest first.',
        bodies: [jsonResponse(transactionsResponseSchema, examples.transactionsExample)],
      },
    },
    errors: ['validation_failed', 'unauthenticated'],
  },
  {
    method: 'POST',
    path: '/transcription/clip',
    operationId: 'transcribeClip',
    area: 'transcription',
    summary: 'Transcribe a clip',
    description: 'Priced by the true length of the sound, and charged only for a transcript.',
    access: 'access_token',
    idempotencyKey: true,
    body: {
      mediaType: 'application/octet-stream',
      schema: z
        .file()
        .max(maxClipBytes)
        .meta({ description: 'The sound itself: wav, mp3, m4a, webm, ogg or flac' }),
    },
    answers: {
      200: {
        description: 'The transcript.',
        bodies: [jsonResponse(clipCompletedSchema, examples.clipExample)],
      },
      202: {
        description: 'It takes longer. Read it at `/transcription/clip/{id}`.',
        bodies: [jsonResponse(clipProcessingSchema, examples.processingClipExample)],
      },
    },
    errors: [...spendingErrors, 'unsupported_media', 'upstream_failed', 'upstream_timeout'],
  },
  {
    method: 'GET',
    path: '/transcription/clip/{id}',
    operationId: 'readClip',
    area: 'transcription',
    summary: 'Read a clip that took longer',
    access: 'access_token',
    idempotencyKey: false,
    pathParameters: operationPathSchema,
    answers: {
      200: {
        description: 'The transcript, or why there is none.',
        bodies: [jsonResponse(clipResponseSchema, examples.clipExample)],
      },
      202: {
        description: 'It is still under way.',
        bodies: [jsonResponse(clipProcessingSchema, examples.processingClipExample)],
      },
    },
    errors: ['validation_failed', 'unauthenticated', 'not_found', 'upstream_failed'],
  },
  {
    method: 'POST',
    path: '/transcription/ask',
    operationId: 'ask',
    area: 'transcription',
    summary: 'Ask a question about a transcript',
    access: 'access_token',
    idempotencyKey: true,
    body: jsonRequest(askRequestSchema, examples.askRequestExample),
    answers: {
      200: {
        description: 'The answer.',
        bodies: [jsonResponse(askResponseSchema, examples.askExample)],
      },
    },
    errors: [...spendingErrors, 'operation_in_progress', 'upstream_failed', 'upstream_timeout'],
  },
  {
    method: 'POST',
    path: '/transcription/catchup',
    operationId: 'startCatchup',
    area: 'transcription',
    summary: 'Start a summary of a transcript or of a channel',
    description:
      "From the listener's own transcript, or from the last minutes of what a Twitch channel has on air. What is held for a channel is the price of all the minutes; charged are those that there were, without what Twitch has muted.",
    access: 'access_token',
    idempotencyKey: true,
    body: jsonRequest(catchupRequestSchema, examples.catchupRequestExample),
    answers: {
      202: {
        description: 'Accepted. Read it at `/transcription/catchup/{id}`.',
        bodies: [jsonResponse(catchupAcceptedSchema, examples.catchupAcceptedExample)],
      },
    },
    errors: [...spendingErrors, 'upstream_failed'],
  },
  {
    method: 'GET',
    path: '/transcription/catchup/{id}',
    operationId: 'readCatchup',
    area: 'transcription',
    summary: 'Read a summary, or where it stands',
    access: 'access_token',
    idempotencyKey: false,
    pathParameters: operationPathSchema,
    answers: {
      200: {
        description: 'The summary once `status` is `completed`.',
        bodies: [jsonResponse(catchupResponseSchema, examples.catchupExample)],
      },
    },
    errors: ['validation_failed', 'unauthenticated', 'not_found'],
  },
  {
    method: 'POST',
    path: '/transcription/stream',
    operationId: 'startStream',
    area: 'transcription',
    summary: 'Start live captions',
    description:
      'Holds the first lease and answers a token that opens one socket to AssemblyAI until the lease ends. A repeat is never charged again; its token counts against the allowance.',
    access: 'access_token',
    idempotencyKey: true,
    body: jsonRequest(streamRequestSchema, { language: 'en' }),
    answers: {
      201: {
        description: 'Lease 1.',
        bodies: [jsonResponse(leaseResponseSchema, examples.leaseExample)],
      },
    },
    errors: [
      ...spendingErrors,
      'operation_in_progress',
      'live_already_open',
      'allowance_spent',
      'lease_over',
      'wrong_lease',
      'upstream_failed',
      'upstream_timeout',
    ],
  },
  {
    method: 'POST',
    path: '/transcription/stream/{id}/renew',
    operationId: 'renewStream',
    area: 'transcription',
    summary: 'Go on with live captions',
    description:
      'The next lease, from `renew_from` on; or the lease in force again, where its answer was lost: that is never charged twice.',
    access: 'access_token',
    idempotencyKey: false,
    pathParameters: operationPathSchema,
    body: jsonRequest(renewRequestSchema, { lease: 2 }),
    answers: {
      200: {
        description: 'The lease of that number.',
        bodies: [jsonResponse(leaseResponseSchema, examples.renewedLeaseExample)],
      },
    },
    errors: [
      'validation_failed',
      'body_too_large',
      'unauthenticated',
      'insufficient_credits',
      'account_in_debt',
      'not_found',
      'operation_in_progress',
      'allowance_spent',
      'renew_too_early',
      'lease_over',
      'wrong_lease',
      'too_many_requests',
      'upstream_failed',
      'upstream_timeout',
    ],
  },
  {
    method: 'POST',
    path: '/transcription/stream/{id}/stop',
    operationId: 'stopStream',
    area: 'transcription',
    summary: 'End live captions',
    description:
      'Charges by the clock of the server and gives back what is left of the last lease, within the allowance. A repeat answers the same.',
    access: 'access_token',
    idempotencyKey: false,
    pathParameters: operationPathSchema,
    body: jsonRequest(stopRequestSchema, {}),
    answers: {
      200: {
        description: 'What it came to.',
        bodies: [jsonResponse(stopResponseSchema, examples.stoppedExample)],
      },
    },
    errors: [
      'validation_failed',
      'body_too_large',
      'unauthenticated',
      'not_found',
      'operation_in_progress',
      'too_many_requests',
    ],
  },
  {
    method: 'GET',
    path: '/analytics/usage',
    operationId: 'readUsage',
    area: 'usage',
    summary: 'List what was used, with totals',
    description:
      'The last 30 days where no time span is given. The totals cover the whole span, and so does the CSV file; JSON comes in pages.',
    access: 'access_token',
    idempotencyKey: false,
    query: usageQuerySchema,
    answers: {
      200: {
        description: 'A page as JSON, or with `Accept: text/csv` the whole time span as a file.',
        bodies: [
          jsonResponse(usageResponseSchema, examples.usageExample),
          { mediaType: 'text/csv', schema: z.string(), example: examples.usageCsvExample },
        ],
      },
    },
    errors: ['validation_failed', 'unauthenticated'],
  },
  {
    method: 'POST',
    path: '/webhooks/stripe',
    operationId: 'receiveStripeEvent',
    area: 'webhooks',
    summary: 'Stripe tells of a payment',
    description: 'An answer of 500 makes Stripe send the event again.',
    access: 'stripe_signature',
    idempotencyKey: false,
    body: {
      mediaType: 'application/json',
      schema: z.looseObject({}).meta({ description: 'The event, byte for byte as Stripe signed it' }),
    },
    answers: {
      200: {
        description: 'Done, or nothing to do.',
        bodies: [jsonResponse(webhookResponseSchema, { received: true })],
      },
    },
    errors: ['validation_failed'],
  },
  {
    method: 'POST',
    path: '/webhooks/assemblyai',
    operationId: 'receiveTranscriptCallback',
    area: 'webhooks',
    summary: 'AssemblyAI tells that a transcript has ended',
    description: 'An answer of 500 makes AssemblyAI call again.',
    access: 'callback_secret',
    idempotencyKey: false,
    query: transcriptCallbackQuerySchema,
    body: jsonRequest(transcriptCallbackSchema, { transcript_id: 'tr_01', status: 'completed' }),
    answers: {
      200: {
        description: 'Done, or nothing to do.',
        bodies: [jsonResponse(webhookResponseSchema, { received: true })],
      },
    },
    errors: [...jsonErrors, 'unauthenticated'],
  },
  {
    method: 'GET',
    path: '/health',
    operationId: 'checkHealth',
    area: 'service',
    summary: 'Tell whether the service works',
    access: 'public',
    idempotencyKey: false,
    answers: {
      200: {
        description: 'It works.',
        bodies: [
          jsonResponse(healthResponseSchema, {
            status: 'healthy',
            dynamodb: 'connected',
            environment: 'configured',
            version: '0.1.0',
          }),
        ],
      },
      503: {
        description: 'It does not: `problems` names what is wrong.',
        bodies: [
          jsonResponse(healthResponseSchema, {
            status: 'unhealthy',
            dynamodb: 'connected',
            environment: 'incomplete',
            version: '0.1.0',
            problems: ['OPENAI_API_KEY is missing'],
          }),
        ],
      },
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/checkout/success',
    operationId: 'showCheckoutSuccess',
    area: 'service',
    summary: 'The page that Stripe sends a buyer to',
    access: 'public',
    idempotencyKey: false,
    answers: { 200: { description: 'A page.', bodies: [htmlPage] } },
    errors: [],
  },
  {
    method: 'GET',
    path: '/checkout/cancel',
    operationId: 'showCheckoutCancel',
    area: 'service',
    summary: 'The page that Stripe sends a buyer to who turned back',
    access: 'public',
    idempotencyKey: false,
    answers: { 200: { description: 'A page.', bodies: [htmlPage] } },
    errors: [],
  },
]
