import { transactionsQuerySchema } from '../contracts/credits.ts'
import type { TransactionHistory } from '../domain/ports.ts'
import { listTransactions } from '../domain/purchases.ts'
import { endpoint } from '../http/endpoint.ts'
import { authenticate, query } from '../http/request.ts'
import { json } from '../http/response.ts'
import type { SignedInDependencies } from './caller.ts'

export interface TransactionsDependencies extends SignedInDependencies {
  readonly history: TransactionHistory
}

/** `GET /credits/transactions` */
export const createHandler = ({ http, verifyToken, history }: TransactionsDependencies) =>
  endpoint(http, async event => {
    const userId = await authenticate(event, verifyToken)
    return json(200, await listTransactions(history, userId, query(event, transactionsQuerySchema)))
  })
