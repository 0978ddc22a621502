import { registerRequestSchema } from '../contracts/auth.ts'
import type { Accounts } from '../domain/accounts.ts'
import { endpoint, type HttpDependencies } from '../http/endpoint.ts'
import { callerAddress, jsonBody } from '../http/request.ts'
import { json } from '../http/response.ts'

export interface RegisterDependencies {
  readonly http: HttpDependencies
  readonly accounts: Accounts
}

/** `POST /auth/register` */
export const createHandler = ({ http, accounts }: RegisterDependencies) =>
  endpoint(http, async event => {
    const request = jsonBody(event, registerRequestSchema)
    return json(201, await accounts.register(request, callerAddress(event)))
  })
