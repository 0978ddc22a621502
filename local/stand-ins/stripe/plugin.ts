import { join } from 'node:path'
import type { FastifyError, FastifyPluginAsync } from 'fastify'
import { createAgenda } from '../agenda.ts'
import { openState } from '../state.ts'
import type { Account } from './account.ts'
import { registerApi } from './api.ts'
import { expireOverdue, nextChangeMs, settleDelayed } from './checkout.ts'
import { registerCheckoutPage } from './checkout-page.ts'
import { registerControl } from './control.ts'
import { emptyData, stripeData } from './data.ts'
import { createDeliveries } from './deliveries.ts'
import { registerOverviewPage } from './overview-page.ts'
import { sendFailure } from './page.ts'
import { forgetOldEvents } from './retention.ts'
import type { Service } from './service.ts'

export interface StripeStandInOptions {
  /** Origin under which this server is reached, for example `http://127.0.0.1:4000`; Checkout URLs begin with it. */
  publicUrl: string
  /** The secret key that the API accepts; any key when left out. */
  secretKey?: string
  /** Directory for `stripe.json`, in which everything survives a restart; in memory when left out. */
  stateDir?: string
  /** Waits after each failed delivery of an event, in milliseconds; after the last one it has failed. */
  webhookRetryDelaysMs?: readonly number[]
  /** How long an endpoint may take to answer. */
  webhookTimeoutMs?: number
  /** How long a payment by "Pay later" is under way. */
  delayedPaymentMs?: number
  /** The clock, in milliseconds since 1970. */
  now?: () => number
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DEFAULT_RETRY_DELAYS_MS = [
  1 * SECOND,
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  60 * MINUTE,
  60 * MINUTE,
]

/**
 * A local Stripe: the part of its API that the SDK is used for here (`/v1/*`), the hosted Checkout page
 * (`/c/pay/:id`), a page that shows what happened (`/stripe`), and signed webhooks.
 *
 * Register it without a prefix, because the SDK can be pointed at a host and a port only. It keeps its
 * parsers and error handlers to itself.
 */
export const stripeStandIn: FastifyPluginAsync<StripeStandInOptions> = async (app, options) => {
  const file = options.stateDir === undefined ? undefined : join(options.stateDir, 'stripe.json')
  const state = await openState(file, stripeData, emptyData())
  const account: Account = {
    data: state.data,
    control: { failNext: { count: 0, status: 500 }, duplicateWebhooks: false, holdWebhooks: false },
    publicUrl: options.publicUrl.replace(/\/+$/, ''),
    nowMs: options.now ?? Date.now,
  }
  forgetOldEvents(account)

  const deliveries = createDeliveries(
    account,
    {
      retryDelaysMs: options.webhookRetryDelaysMs ?? DEFAULT_RETRY_DELAYS_MS,
      timeoutMs: options.webhookTimeoutMs ?? 20 * SECOND,
    },
    afterDelivery,
  )
  const agenda = createAgenda(
    account.nowMs,
    [
      { nextDueMs: () => nextChangeMs(account), run: makeDueChanges },
      { nextDueMs: deliveries.nextDueMs, run: deliveries.start },
    ],
    logError,
  )
  const service: Service = {
    account,
    delayedPaymentMs: options.delayedPaymentMs ?? 4 * SECOND,
    save: state.save,
    wake: agenda.wake,
  }

  async function makeDueChanges(): Promise<void> {
    expireOverdue(account)
    settleDelayed(account)
    await state.save()
  }

  async function afterDelivery(): Promise<void> {
    await state.save().then(agenda.wake).catch(logError)
  }

  function logError(error: unknown): void {
    app.log.error(error)
  }

  app.removeAllContentTypeParsers()
  await app.register(async api => registerApi(api, service, options.secretKey), { prefix: '/v1' })
  await app.register(async pages => {
    pages.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      (_request, body, done) => done(null, body),
    )
    pages.setErrorHandler<FastifyError>(sendFailure)
    registerCheckoutPage(pages, service)
    registerOverviewPage(pages, service)
  })
  await app.register(async control => {
    control.addContentTypeParser(
      'application/json',
      { parseAs: 'string' },
      control.getDefaultJsonParser('error', 'error'),
    )
    registerControl(control, service)
  })

  app.addHook('onReady', agenda.wake)
  app.addHook('onClose', async () => {
    agenda.close()
    await deliveries.close()
    await state.save()
  })
}
