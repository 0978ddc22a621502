import { endpoint } from '../http/endpoint.ts'
import { htmlPage } from '../http/html.ts'
import { tellExtension } from './checkout-message.ts'
import type { CheckoutPageDependencies } from './checkout-success.ts'

/** `GET /checkout/cancel`: where Stripe sends a buyer who turned back. */
export const createHandler = ({ http, extensionId }: CheckoutPageDependencies) =>
  endpoint(http, () =>
    Promise.resolve(
      htmlPage({
        title: 'Payment cancelled',
        heading: 'Nothing was paid.',
        text: 'You turned back before paying, so nothing was charged. You can close this tab and buy credits at any time.',
        script: tellExtension(extensionId, 'cancelled'),
      }),
    ),
  )
