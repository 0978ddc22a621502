import type { FailedInvoiceEvent, StripeEventDependencies } from './event.ts'

/** `invoice.payment_failed`: recorded once for each try that Stripe tells of, and shown on the account. */
export const onInvoicePaymentFailed = async (
  deps: StripeEventDependencies,
  invoice: FailedInvoiceEvent,
): Promise<void> => {
  const ids = { event_id: invoice.eventId, invoice_id: invoice.invoiceId }
  const userId = invoice.customerId && (await deps.payments.userOfCustomer(invoice.customerId))
  if (!userId) {
    deps.log.info('stripe_invoice_not_ours', ids)
    return
  }
  const at = new Date(invoice.createdMs).toISOString()
  const recorded = await deps.ledger.recordPaymentFailure({
    transactionId: `invoice#${invoice.invoiceId}#payment_failed#${invoice.eventId}`,
    userId,
    type: 'payment_failed',
    status: 'failed',
    credits: 0,
    amountCents: invoice.amountDue,
    currency: invoice.currency,
    reason: invoice.invoiceId,
    createdAt: at,
  })
  deps.log.info(recorded ? 'payment_failure_recorded' : 'payment_failure_was_recorded_before', {
    ...ids,
    user_id: userId,
  })
}
