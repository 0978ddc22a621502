import type Stripe from 'stripe'
import * as z from 'zod'
import type { VerifiedEvent } from '../../domain/stripe-events/event.ts'

const sessionSchema = z.object({
  id: z.string(),
  payment_status: z.string(),
  amount_total: z.int().nullable(),
  currency: z.string().nullable(),
  metadata: z.record(z.string(), z.string()).nullable(),
})

const invoiceSchema = z.object({
  id: z.string(),
  customer: z.union([z.string(), z.object({ id: z.string() })]).nullable(),
  amount_due: z.int(),
  currency: z.string(),
})

/**
 * Reads as much of an event of Stripe's as we act on.
 * @throws {z.ZodError} where an event of a known type is not shaped as it should be
 */
export const toEvent = (event: Stripe.Event): VerifiedEvent => {
  const { id: eventId, type } = event
  const createdMs = event.created * 1_000
  switch (type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.async_payment_failed':
    case 'checkout.session.expired': {
      const session = sessionSchema.parse(event.data.object)
      return {
        eventId,
        event: {
          type,
          session: {
            eventId,
            sessionId: session.id,
            createdMs,
            paymentStatus: session.payment_status,
            amountTotal: session.amount_total,
            currency: session.currency,
            transactionId: session.metadata?.transaction_id,
            stage: session.metadata?.stage,
          },
        },
      }
    }
    case 'invoice.payment_failed': {
      const invoice = invoiceSchema.parse(event.data.object)
      const customerId = typeof invoice.customer === 'string' ? invoice.customer : invoice.customer?.id
      return {
        eventId,
        event: {
          type,
          invoice: {
            eventId,
            invoiceId: invoice.id,
            customerId,
            amountDue: invoice.amount_due,
            currency: invoice.currency,
            createdMs,
          },
        },
      }
    }
    default:
      return { eventId, event: undefined }
  }
}
