import { storedValue } from '../../background/stored-value.ts'
import { purchaseSchema } from './purchase.ts'

/** The last purchase, until the listener has seen how it ended or the browser is closed. */
export const storedPurchase = storedValue('session', 'purchase', purchaseSchema)
