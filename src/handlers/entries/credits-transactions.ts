import { wireTransactions } from '../../wiring/history.ts'
import { createHandler } from '../credits-transactions.ts'

export const handler = createHandler(await wireTransactions())
