import { wireCheckoutPage } from '../../wiring.ts'
import { createHandler } from '../checkout-success.ts'

export const handler = createHandler(await wireCheckoutPage())
