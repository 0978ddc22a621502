import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import type { Account, Control } from './account.ts'
import { byId } from './data.ts'
import { escalate, isInquiry, openDispute, win } from './disputes.ts'
import { emitInvoicePaymentFailed } from './invoices.ts'
import { cancelRefund, failRefund } from './refunds.ts'
import type { Service } from './service.ts'

const sendEventRequest = z.strictObject({
  type: z.literal('invoice.payment_failed'),
  customer: z.string(),
  amount_cents: z.int().positive(),
})

/** A bank takes a payment back, or asks about it (`warning_needs_response`). What it has asked about it may take back later. */
const disputeRequest = z.strictObject({
  payment_intent: z.string(),
  status: z.enum(['needs_response', 'under_review', 'won', 'lost', 'warning_needs_response']).optional(),
})

/** The body of `POST /stripe/control`. What is left out stays as it is. */
const controlRequest = z.strictObject({
  fail_next: z.strictObject({ count: z.int().min(0), status: z.int().min(400).max(599) }).optional(),
  duplicate_webhooks: z.boolean().optional(),
  hold_webhooks: z.boolean().optional(),
  send_event: sendEventRequest.optional(),
  dispute: disputeRequest.optional(),
  win_dispute: z.string().optional(),
  fail_refund: z.string().optional(),
  cancel_refund: z.string().optional(),
})

/**
 * Registers `POST /stripe/control`, which lets tests cause what a page cannot. It answers with what is set
 * now, and the id of the event that it sent, or of the dispute or refund that something happened to.
 */
export function registerControl(app: FastifyInstance, service: Service): void {
  const { account } = service

  app.post('/stripe/control', async (request, reply) => {
    const parsed = controlRequest.safeParse(request.body)
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) })
    const { send_event, dispute, win_dispute, fail_refund, cancel_refund, ...changes } = parsed.data
    const { disputes, refunds } = account.data
    const happen = [
      prepareEvent(account, send_event),
      prepareDispute(account, dispute),
      prepareChange('dispute', disputes, win_dispute, dispute => win(account, dispute)),
      prepareChange('refund', refunds, fail_refund, refund => failRefund(account, refund)),
      prepareChange('refund', refunds, cancel_refund, refund => cancelRefund(account, refund)),
    ]
    const missing = happen.find(step => typeof step === 'string')
    if (missing !== undefined) return reply.code(404).send({ error: missing })

    apply(account.control, changes)
    const happened = happen.map(step => (typeof step === 'function' ? step() : {}))
    await service.save()
    await service.wake()
    return reply.send(Object.assign(toJson(account.control), ...happened))
  })
}

/** What a request makes happen, told by an id; or what it names that there isn't. */
type Prepared = (() => Readonly<Record<string, string>>) | string | undefined

function prepareEvent(account: Account, wanted: z.infer<typeof sendEventRequest> | undefined): Prepared {
  if (wanted === undefined) return undefined
  const customer = byId(account.data.customers, wanted.customer)
  if (customer === undefined) return `There is no customer ${wanted.customer}.`
  return () => ({ event_id: emitInvoicePaymentFailed(account, customer, wanted.amount_cents).id })
}

function prepareDispute(account: Account, wanted: z.infer<typeof disputeRequest> | undefined): Prepared {
  if (wanted === undefined) return undefined
  const intent = byId(account.data.paymentIntents, wanted.payment_intent)
  if (intent === undefined) return `There is no payment intent ${wanted.payment_intent}.`
  const { status = 'needs_response' } = wanted
  const inquiry = Object.values(account.data.disputes).find(
    dispute => dispute.paymentIntentId === intent.id && isInquiry(dispute.status),
  )
  return () => {
    if (!inquiry || isInquiry(status)) return { dispute_id: openDispute(account, intent, status).id }
    escalate(account, inquiry, status)
    return { dispute_id: inquiry.id }
  }
}

/** Lets something happen to a dispute or refund that is named. */
function prepareChange<Row>(
  what: 'dispute' | 'refund',
  rows: Record<string, Row>,
  id: string | undefined,
  change: (row: Row) => void,
): Prepared {
  if (id === undefined) return undefined
  const row = byId(rows, id)
  if (row === undefined) return `There is no ${what} ${id}.`
  return () => {
    change(row)
    return { [`${what}_id`]: id }
  }
}

function apply(
  control: Control,
  changes: Omit<
    z.infer<typeof controlRequest>,
    'send_event' | 'dispute' | 'win_dispute' | 'fail_refund' | 'cancel_refund'
  >,
): void {
  control.failNext = changes.fail_next ?? control.failNext
  control.duplicateWebhooks = changes.duplicate_webhooks ?? control.duplicateWebhooks
  control.holdWebhooks = changes.hold_webhooks ?? control.holdWebhooks
}

function toJson(control: Control) {
  return {
    fail_next: control.failNext,
    duplicate_webhooks: control.duplicateWebhooks,
    hold_webhooks: control.holdWebhooks,
  }
}
