import { wirePurchase } from '../../wiring.ts'
import { createHandler } from '../credits-purchase.ts'

export const handler = createHandler(await wirePurchase())
