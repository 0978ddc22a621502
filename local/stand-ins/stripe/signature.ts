import { createHmac } from 'node:crypto'

/**
 * The `Stripe-Signature` header for a body: `t` is the time of sending in seconds, `v1` the HMAC-SHA-256 of
 * `<t>.<body>` with the endpoint's secret (https://docs.stripe.com/webhooks#verify-manually).
 */
export function signatureHeader(body: string, secret: string, timestampSeconds: number): string {
  const signature = createHmac('sha256', secret).update(`${timestampSeconds}.${body}`).digest('hex')
  return `t=${timestampSeconds},v1=${signature}`
}
