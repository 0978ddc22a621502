import type { FastifyInstance } from 'fastify'
import { identityError } from './errors.ts'
import type { Service } from './service.ts'
import { watch } from './watch.ts'

/**
 * `POST /oauth2/token` of `id.twitch.tv`, client credentials alone:
 * https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/#client-credentials-grant-flow. Its parameters may
 * stand in the body or in the address.
 */
export function addIdentity(app: FastifyInstance, service: Service): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  )
  app.post('/oauth2/token', { onRequest: watch(service, 'token') }, async request => {
    const inAddress = new URL(request.url, 'http://id').searchParams
    const inBody = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
    checkCredentials(new URLSearchParams([...inAddress, ...inBody]), service)
    const lifeSeconds = service.control.token_seconds
    return {
      access_token: service.tokens.issue(lifeSeconds),
      expires_in: lifeSeconds,
      token_type: 'bearer',
    }
  })
}

function checkCredentials(parameters: URLSearchParams, { clientId, clientSecret }: Service): void {
  const givenId = parameters.get('client_id')
  const givenSecret = parameters.get('client_secret')
  if (!givenId) throw identityError(400, 'missing client id')
  if (!givenSecret) throw identityError(400, 'missing client secret')
  if (parameters.get('grant_type') !== 'client_credentials') throw identityError(400, 'Invalid grant type')
  if (clientId !== undefined && givenId !== clientId) throw identityError(400, 'invalid client')
  if (clientSecret !== undefined && givenSecret !== clientSecret)
    throw identityError(403, 'invalid client secret')
}
