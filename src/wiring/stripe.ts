import type { Config } from '../config.ts'
import { DynamoUserDirectory } from '../db/user-directory.ts'
import { Purchases } from '../domain/purchases.ts'
import { lazyStripe } from '../upstream/stripe/client.ts'
import { StripePayments } from '../upstream/stripe/payments.ts'
import { StripeWebhookVerifier } from '../upstream/stripe/webhooks.ts'
import { backoff, now } from './clock.ts'
import { read } from './environment.ts'
import { wireLedger } from './ledger.ts'
import { wireSpending } from './signed-in.ts'

export const wireStripe = ({ stripe }: Config<'stripe'>) =>
  lazyStripe({ secretKey: stripe.STRIPE_SECRET_KEY, apiUrl: stripe.STRIPE_API_URL })

const wirePayments = (config: Config<'base' | 'stripe'>): StripePayments => {
  const { STAGE: stage, PUBLIC_API_URL: apiUrl } = config.base
  return new StripePayments({
    load: wireStripe(config),
    stage,
    successUrl: new URL('/checkout/success', apiUrl).toString(),
    cancelUrl: new URL('/checkout/cancel', apiUrl).toString(),
  })
}

export const wirePurchase = async () => {
  const config = await read('auth', 'stripe')
  const spending = wireSpending(config)
  const { ledger, store, database, log } = spending
  const users = new DynamoUserDirectory(database, backoff)
  return {
    ...spending,
    purchases: new Purchases({ ledger, store, users, payments: wirePayments(config), now, log }),
  }
}

export const wireStripeWebhook = async () => {
  const config = await read('stripe', 'stripeWebhook')
  const { ledger, store, http, log } = wireLedger(config)
  const webhooks = new StripeWebhookVerifier(wireStripe(config), config.stripeWebhook.STRIPE_WEBHOOK_SECRET)
  return {
    http,
    webhooks,
    ledger,
    store,
    payments: wirePayments(config),
    stage: config.base.STAGE,
    log,
  }
}
