import { wireTransactions } from '../../wiring.ts'
import { createHandler } from '../credits-transactions.ts'

export const handler = createHandler(await wireTransactions())
