import { wirePurchase } from '../../wiring/stripe.ts'
import { createHandler } from '../credits-purchase.ts'

export const handler = createHandler(await wirePurchase())
