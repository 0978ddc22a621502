import { wireCheckoutPage } from '../../wiring.ts'
import { createHandler } from '../checkout-cancel.ts'

export const handler = createHandler(await wireCheckoutPage())
