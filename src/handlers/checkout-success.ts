import { endpoint, type HttpDependencies } from '../http/endpoint.ts'
import { htmlPage } from '../http/html.ts'
import { tellExtension } from './checkout-message.ts'

export interface CheckoutPageDependencies {
  readonly http: HttpDependencies
  readonly extensionId: string
}

/** `GET /checkout/success`: where Stripe sends the buyer. It proves nothing: the webhook credits the account. */
export const createHandler = ({ http, extensionId }: CheckoutPageDependencies) =>
  endpoint(http, () =>
    Promise.resolve(
      htmlPage({
        title: 'Payment received',
        heading: 'Thank you. Your payment is on its way.',
        text: 'Your credits arrive as soon as Stripe confirms it, usually within seconds. You can close this tab.',
        script: tellExtension(extensionId, 'success'),
      }),
    ),
  )
