import { wireCheckoutPage } from '../../wiring/pages.ts'
import { createHandler } from '../checkout-success.ts'

export const handler = createHandler(await wireCheckoutPage())
