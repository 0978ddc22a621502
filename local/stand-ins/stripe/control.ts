import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import type { Control } from './account.ts'
import { byId } from './data.ts'
import { emitInvoicePaymentFailed } from './invoices.ts'
import type { Service } from './service.ts'

const sendEventRequest = z.strictObject({
  type: z.literal('invoice.payment_failed'),
  customer: z.string(),
  amount_cents: z.int().positive(),
})

/** The body of `POST /stripe/control`. What is left out stays as it is. */
const controlRequest = z.strictObject({
  fail_next: z.strictObject({ count: z.int().min(0), status: z.int().min(400).max(599) }).optional(),
  duplicate_webhooks: z.boolean().optional(),
  hold_webhooks: z.boolean().optional(),
  send_event: sendEventRequest.optional(),
})

/**
 * Registers `POST /stripe/control`, which lets tests cause what a page cannot. It answers with what is set
 * now, and the id of the event that it sent.
 */
export function registerControl(app: FastifyInstance, service: Service): void {
  const { account } = service

  app.post('/stripe/control', async (request, reply) => {
    const parsed = controlRequest.safeParse(request.body)
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) })
    const { send_event: wanted, ...changes } = parsed.data
    const customer = wanted === undefined ? undefined : byId(account.data.customers, wanted.customer)
    if (wanted !== undefined && customer === undefined) {
      return reply.code(404).send({ error: `There is no customer ${wanted.customer}.` })
    }

    apply(account.control, changes)
    const sent =
      wanted && customer ? emitInvoicePaymentFailed(account, customer, wanted.amount_cents) : undefined
    await service.save()
    await service.wake()
    return reply.send({ ...toJson(account.control), ...(sent === undefined ? {} : { event_id: sent.id }) })
  })
}

function apply(control: Control, changes: Omit<z.infer<typeof controlRequest>, 'send_event'>): void {
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
