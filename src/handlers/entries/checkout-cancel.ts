import { wireCheckoutPage } from '../../wiring/pages.ts'
import { createHandler } from '../checkout-cancel.ts'

export const handler = createHandler(await wireCheckoutPage())
