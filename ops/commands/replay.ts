import * as z from 'zod'
import type { Log } from '../../src/domain/ports.ts'
import { Replay } from '../../src/domain/replay.ts'
import type { StripeEvent } from '../../src/domain/stripe-events/event.ts'
import { StripeEventArchive } from '../../src/upstream/stripe/event-archive.ts'
import { StripePayments } from '../../src/upstream/stripe/payments.ts'
import { wireStripe } from '../../src/wiring/stripe.ts'
import { booksOf } from '../books.ts'
import { applyOption, commandLine, defineCommand, type Operation } from '../command.ts'
import { failuresTo } from '../failure-log.ts'
import { fieldsOf, paragraphs } from '../print.ts'

export const registerReplay = defineCommand({
  usage: 'replay <event-id>',
  description: 'Acts on an event of Stripe’s as if it came now. What was done before is not done twice.',
  changes: true,
  examples: ['replay evt_1PqRsT2eZvKYlo2C', 'replay evt_1PqRsT2eZvKYlo2C --apply --stage prod'],
  input: z.object({
    ...applyOption,
    event_id: z.string().regex(/^evt_\w+$/, 'must be an event’s id: evt_…'),
  }),
  run: async (operation, { event_id: eventId, apply }) => {
    const { replay, told, failures } = await replayOf(operation)
    const event = await (apply ? replay.run(eventId) : replay.find(eventId))
    const ok = failures.length === 0
    const outcome = [...told, ...failures]
    const data = { applied: apply, event_id: eventId, ...subjectOf(event), outcome }
    const text = paragraphs(
      fieldsOf({ Event: eventId, Type: event.type, ...subjectOf(event) }),
      apply
        ? `${ok ? 'Done' : 'No credits were moved'}: ${outcome.join(', ')}.${ok ? '' : ` See ${runbook}`}`
        : `Nothing was changed. To act on it: ${commandLine(operation.target, `replay ${eventId} --apply`)}`,
    )
    return { ok, text, data }
  },
})

const runbook = 'docs/runbooks/stripe-mismatch.md'

/** With the codes of what it logs: they say what was done, and what could not be. */
const replayOf = async (
  operation: Operation,
): Promise<{ replay: Replay; told: string[]; failures: string[] }> => {
  const { target, progress } = operation
  const { store, ledger } = booksOf(operation)
  const told: string[] = []
  const failures: string[] = []
  const log: Log = {
    info: code => void told.push(code),
    error: (code, fields, error) => {
      failures.push(code)
      failuresTo(progress).error(code, fields, error)
    },
  }
  const load = wireStripe(await target.config('stripe'))
  // It opens no Checkout: where that would lead is not needed.
  const payments = new StripePayments({ load, stage: target.stage, successUrl: '', cancelUrl: '' })
  const archive = new StripeEventArchive(load)
  return {
    replay: new Replay({ archive, store, ledger, payments, stage: target.stage, log }),
    told,
    failures,
  }
}

const subjectOf = (event: StripeEvent) =>
  'session' in event
    ? { session_id: event.session.sessionId, transaction_id: event.session.transactionId }
    : { invoice_id: event.invoice.invoiceId }
