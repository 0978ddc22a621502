import * as z from 'zod'

const checkoutEndedSchema = z.object({ type: z.literal('checkout_ended') })

/**
 * Whether a message from the web is what the backend's page after Checkout says: a hint to look at the balance, never
 * proof of payment.
 *
 * @param origin of the page that sent it, as the browser says
 */
export const isCheckoutHint = (message: unknown, origin: string | undefined, apiUrl: string): boolean =>
  origin === new URL(apiUrl).origin && checkoutEndedSchema.safeParse(message).success
