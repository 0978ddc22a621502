import { wireStripeWebhook } from '../../wiring/stripe.ts'
import { createHandler } from '../webhook-stripe.ts'

export const handler = createHandler(await wireStripeWebhook())
