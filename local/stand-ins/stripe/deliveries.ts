import type { Account } from './account.ts'
import { byId, type DeliveryRecord, type EventRecord, type WebhookEndpointRecord } from './data.ts'
import { toEvent } from './events.ts'
import { signatureHeader } from './signature.ts'

/** So that the release of many held events does not open as many connections at once. */
const MAX_IN_FLIGHT = 16
const ANSWER_EXCERPT_CHARS = 300

export interface DeliveryOptions {
  /** Waits after each failed try; when they are used up the delivery has failed. */
  retryDelaysMs: readonly number[]
  /** How long an endpoint may take to answer. */
  timeoutMs: number
}

/** Sends queued events to their endpoints. */
export interface Deliveries {
  /** Starts the tries that are due. */
  start(): void
  /** When the next try is due, in milliseconds; Infinity when nothing is waiting for its time. */
  nextDueMs(): number
  /** Ends running tries. Their deliveries stay pending, for the next process. */
  close(): Promise<void>
}

/**
 * @param onTried called after each try, when its result is in `account.data`
 */
export function createDeliveries(
  account: Account,
  options: DeliveryOptions,
  onTried: () => Promise<void>,
): Deliveries {
  const inFlight = new Map<string, Promise<void>>()
  const closing = new AbortController()

  function waiting(): DeliveryRecord[] {
    if (account.control.holdWebhooks || closing.signal.aborted) return []
    return Object.values(account.data.deliveries).filter(
      delivery => delivery.state === 'pending' && !inFlight.has(delivery.id),
    )
  }

  async function run(delivery: DeliveryRecord): Promise<void> {
    const atMs = account.nowMs()
    const target = targetOf(account, delivery)
    if (target === undefined) {
      delivery.state = 'canceled'
    } else {
      const result = await post(account, target, options.timeoutMs, closing.signal)
      if (closing.signal.aborted && result.status === null) return
      record(delivery, { atMs, ...result }, account.nowMs(), options.retryDelaysMs)
    }
  }

  function launch(delivery: DeliveryRecord): void {
    const done = run(delivery).finally(() => inFlight.delete(delivery.id))
    inFlight.set(
      delivery.id,
      done.then(() => (closing.signal.aborted ? undefined : onTried())),
    )
  }

  return {
    start() {
      const due = waiting().filter(delivery => delivery.nextTryMs <= account.nowMs())
      for (const delivery of due.slice(0, Math.max(0, MAX_IN_FLIGHT - inFlight.size))) launch(delivery)
    },
    nextDueMs() {
      if (inFlight.size >= MAX_IN_FLIGHT) return Infinity
      return Math.min(...waiting().map(delivery => delivery.nextTryMs))
    },
    async close() {
      closing.abort()
      await Promise.all(inFlight.values())
    },
  }
}

interface Target {
  event: EventRecord
  endpoint: WebhookEndpointRecord
}

/** Undefined when the endpoint was deleted or disabled: Stripe stops trying then. */
function targetOf(account: Account, delivery: DeliveryRecord): Target | undefined {
  const event = byId(account.data.events, delivery.eventId)
  const endpoint = byId(account.data.webhookEndpoints, delivery.endpointId)
  return event === undefined || endpoint === undefined || !endpoint.enabled ? undefined : { event, endpoint }
}

type TryResult = Omit<DeliveryRecord['tries'][number], 'atMs'>

async function post(
  account: Account,
  { event, endpoint }: Target,
  timeoutMs: number,
  closing: AbortSignal,
): Promise<TryResult> {
  const body = JSON.stringify(toEvent(account, event))
  try {
    const response = await fetch(endpoint.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json; charset=utf-8',
        'User-Agent': 'Stripe/1.0 (local stand-in)',
        'Stripe-Signature': signatureHeader(body, endpoint.secret, Math.floor(account.nowMs() / 1_000)),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]),
    })
    const answer = await response.text()
    return { status: response.status, answer: answer.slice(0, ANSWER_EXCERPT_CHARS) }
  } catch (error) {
    return { status: null, answer: reasonOf(error, timeoutMs) }
  }
}

function record(
  delivery: DeliveryRecord,
  result: DeliveryRecord['tries'][number],
  nowMs: number,
  retryDelaysMs: readonly number[],
): void {
  delivery.tries.push(result)
  if (result.status !== null && result.status >= 200 && result.status < 300) {
    delivery.state = 'delivered'
    return
  }
  const delayMs = retryDelaysMs[delivery.tries.length - 1]
  if (delayMs === undefined) delivery.state = 'failed'
  else delivery.nextTryMs = nowMs + delayMs
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `No answer within ${timeoutMs} ms.`
  const cause = error.cause instanceof Error ? error.cause.message : error.message
  return `The endpoint could not be reached. (${cause})`
}
