import type { StripeUnderTest } from './stripe-stand-in.ts'

/** What the listener does on the Checkout page: `pay`, or one of the page's other choices. */
export const pressOnCheckout = async (
  { origin }: Pick<StripeUnderTest, 'origin'>,
  sessionId: string,
  action: 'pay' | 'pay_later_succeeds' | 'pay_later_fails' | 'pay_by_transfer' | 'expire' = 'pay',
): Promise<void> => {
  const response = await fetch(`${origin}/c/pay/${sessionId}`, {
    method: 'POST',
    body: new URLSearchParams({ action }),
    redirect: 'manual',
  })
  if (response.status >= 400) throw new Error(`The Checkout page answered ${response.status}.`)
}
