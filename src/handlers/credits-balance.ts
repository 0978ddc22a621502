import { balanceView } from '../domain/accounts.ts'
import type { Ledger } from '../domain/ledger.ts'
import type { Clock } from '../domain/ports.ts'
import { endpoint } from '../http/endpoint.ts'
import { authenticate } from '../http/request.ts'
import { json } from '../http/response.ts'
import type { SignedInDependencies } from './caller.ts'

export interface BalanceDependencies extends SignedInDependencies {
  readonly ledger: Ledger
  readonly now: Clock
}

/** `GET /credits/balance` */
export const createHandler = ({ http, verifyToken, ledger, now }: BalanceDependencies) =>
  endpoint(http, async event => {
    const userId = await authenticate(event, verifyToken)
    return json(200, balanceView(await ledger.readAccount(userId), now()))
  })
