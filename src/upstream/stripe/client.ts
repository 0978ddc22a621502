import type Stripe from 'stripe'
import { UpstreamError } from '../../domain/errors.ts'

export interface StripeOptions {
  readonly secretKey: string
  /** Where the stand-in listens; Stripe's own address without it. */
  readonly apiUrl: string | undefined
}

const vendor = 'stripe'
/** A first purchase makes two calls; two attempts of each end within a Lambda's 29 seconds. */
const timeoutMs = 5_000
const maxNetworkRetries = 1

const addressOf = (apiUrl: string | undefined) => {
  if (apiUrl === undefined) return {}
  const url = new URL(apiUrl)
  return {
    host: url.hostname,
    port: url.port,
    protocol: url.protocol === 'http:' ? ('http' as const) : ('https' as const),
  }
}

/** Loads the SDK at the first call: a webhook that is refused, and most requests, need none. */
export const lazyStripe = (options: StripeOptions): (() => Promise<Stripe>) => {
  let client: Promise<Stripe> | undefined
  return () => {
    client ??= import('stripe').then(
      ({ default: Client }) =>
        new Client(options.secretKey, {
          timeout: timeoutMs,
          maxNetworkRetries,
          ...addressOf(options.apiUrl),
        }),
    )
    return client
  }
}

/** The SDK tells a time-out from other lost connections by the code of what it wraps (`HttpClient.TIMEOUT_ERROR_CODE`). */
const isTimeout = (error: unknown): boolean => {
  const detail: unknown = error instanceof Error && 'detail' in error ? error.detail : undefined
  return detail instanceof Error && 'code' in detail && detail.code === 'ETIMEDOUT'
}

/** Runs a call of the SDK; what it throws becomes an `UpstreamError`. */
export const callStripe = async <Output>(
  load: () => Promise<Stripe>,
  call: (stripe: Stripe) => Promise<Output>,
): Promise<Output> => {
  try {
    return await call(await load())
  } catch (error) {
    const { default: Client } = await import('stripe')
    const status = error instanceof Client.errors.StripeError ? error.statusCode : undefined
    throw new UpstreamError(vendor, isTimeout(error) ? 'timeout' : 'failed', status, error)
  }
}
