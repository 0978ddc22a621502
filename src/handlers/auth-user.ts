import { userView } from '../domain/accounts.ts'
import type { Ledger } from '../domain/ledger.ts'
import { endpoint } from '../http/endpoint.ts'
import { authenticate } from '../http/request.ts'
import { json } from '../http/response.ts'
import type { SignedInDependencies } from './caller.ts'

export interface UserDependencies extends SignedInDependencies {
  readonly ledger: Ledger
}

/** `GET /auth/user` */
export const createHandler = ({ http, verifyToken, ledger }: UserDependencies) =>
  endpoint(http, async event => {
    const userId = await authenticate(event, verifyToken)
    return json(200, userView(await ledger.readAccount(userId)))
  })
