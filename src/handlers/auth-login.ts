import { loginRequestSchema } from '../contracts/auth.ts'
import type { Accounts } from '../domain/accounts.ts'
import { endpoint, type HttpDependencies } from '../http/endpoint.ts'
import { callerAddress, jsonBody } from '../http/request.ts'
import { json } from '../http/response.ts'

export interface LoginDependencies {
  readonly http: HttpDependencies
  readonly accounts: Accounts
}

/** `POST /auth/login` */
export const createHandler = ({ http, accounts }: LoginDependencies) =>
  endpoint(http, async event => {
    const request = jsonBody(event, loginRequestSchema)
    return json(200, await accounts.login(request, callerAddress(event)))
  })
