import { wireStripeWebhook } from '../../wiring.ts'
import { createHandler } from '../webhook-stripe.ts'

export const handler = createHandler(await wireStripeWebhook())
