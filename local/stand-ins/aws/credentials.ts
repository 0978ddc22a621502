import type { FastifyRequest } from 'fastify'

/** What is wrong with how a request is signed; undefined for a fine one. */
export type SignatureProblem = 'missing' | 'unknown' | undefined

/**
 * Looks at who signed a request. The signature itself is not computed.
 *
 * @param accessKeyId the one that is accepted
 */
export function signatureProblem(request: FastifyRequest, accessKeyId: string): SignatureProblem {
  const header = request.headers.authorization
  if (header === undefined) return 'missing'
  const signer = /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(header)?.[1]
  return signer === accessKeyId ? undefined : 'unknown'
}
