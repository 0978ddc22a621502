import { refreshRequestSchema } from '../contracts/auth.ts'
import type { Sessions } from '../domain/sessions.ts'
import { endpoint, type HttpDependencies } from '../http/endpoint.ts'
import { jsonBody } from '../http/request.ts'
import { noContent } from '../http/response.ts'

export interface LogoutDependencies {
  readonly http: HttpDependencies
  readonly sessions: Sessions
}

/** `POST /auth/logout` */
export const createHandler = ({ http, sessions }: LogoutDependencies) =>
  endpoint(http, async event => {
    const { refresh_token } = jsonBody(event, refreshRequestSchema)
    await sessions.end(refresh_token)
    return noContent()
  })
