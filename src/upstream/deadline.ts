import { UpstreamError } from '../domain/errors.ts'

/** Fails a vendor's call that has neither a time-out nor a cancellation of its own. The call itself may go on. */
export const withDeadline = async <Output>(
  vendor: string,
  timeoutMs: number,
  call: () => Promise<Output>,
): Promise<Output> => {
  const { promise: deadline, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new UpstreamError(vendor, 'timeout')), timeoutMs)
  try {
    return await Promise.race([call(), deadline])
  } catch (error) {
    if (error instanceof UpstreamError) throw error
    throw new UpstreamError(vendor, 'failed', undefined, error)
  } finally {
    clearTimeout(timer)
  }
}
