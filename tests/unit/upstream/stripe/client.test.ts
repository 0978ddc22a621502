import { Stripe } from 'stripe'
import { describe, expect, test } from 'vitest'
import { callStripe, lazyStripe } from '../../../../src/upstream/stripe/client.ts'
import { startVendorServer } from '../../support/vendor-server.ts'

describe('lazyStripe', () => {
  test('makes one client, at the first call', async () => {
    const load = lazyStripe({ secretKey: 'sk_test_1', apiUrl: undefined })
    const [first, second] = await Promise.all([load(), load()])
    expect(second).toBe(first)
  })

  test.each([
    ['http://127.0.0.1:4000', { host: '127.0.0.1', port: '4000', protocol: 'http' }],
    ['https://stripe.example.com', { host: 'stripe.example.com', port: '443', protocol: 'https' }],
    [undefined, { host: 'api.stripe.com', port: '443', protocol: 'https' }],
  ])('calls %s', async (apiUrl, address) => {
    const stripe = await lazyStripe({ secretKey: 'sk_test_1', apiUrl })()
    const { host, port, protocol } = address
    expect(stripe.getApiField('host')).toBe(host)
    expect(String(stripe.getApiField('port'))).toBe(port)
    expect(stripe.getApiField('protocol')).toBe(protocol)
  })

  test('ends its attempts soon enough for a purchase of two calls within 29 seconds', async () => {
    const stripe = await lazyStripe({ secretKey: 'sk_test_1', apiUrl: undefined })()
    const attempts = stripe.getMaxNetworkRetries() + 1
    expect(2 * attempts * stripe.getApiField('timeout')).toBeLessThan(25_000)
  })
})

describe('callStripe', () => {
  const load = async () => new Stripe('sk_test_1')

  test('answers what the call answers', async () => {
    expect(await callStripe(load, async () => 'answer')).toBe('answer')
  })

  test('tells a time-out from a failure', async () => {
    const vendor = await startVendorServer()
    vendor.replies = ['hang']
    const { hostname, port } = new URL(vendor.url)
    const impatient = new Stripe('sk_test_1', {
      host: hostname,
      port,
      protocol: 'http',
      timeout: 50,
      maxNetworkRetries: 0,
    })
    const call = callStripe(
      async () => impatient,
      stripe => stripe.customers.retrieve('cus_1'),
    )
    await expect(call).rejects.toMatchObject({ name: 'UpstreamError', vendor: 'stripe', kind: 'timeout' })
    await vendor.close()
  })

  test('tells a server that is not there as a failure', async () => {
    const vendor = await startVendorServer()
    await vendor.close()
    const { hostname, port } = new URL(vendor.url)
    const lost = new Stripe('sk_test_1', { host: hostname, port, protocol: 'http', maxNetworkRetries: 0 })
    const call = callStripe(
      async () => lost,
      stripe => stripe.customers.retrieve('cus_1'),
    )
    await expect(call).rejects.toMatchObject({ name: 'UpstreamError', kind: 'failed', status: undefined })
  })

  test('takes what is no error of the SDK for a failure too, and keeps it as the cause', async () => {
    const cause = new TypeError('crash')
    await expect(callStripe(load, () => Promise.reject(cause))).rejects.toMatchObject({
      name: 'UpstreamError',
      kind: 'failed',
      cause,
    })
  })
})
