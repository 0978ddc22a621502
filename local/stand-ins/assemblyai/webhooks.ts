import { setTimeout as sleep } from 'node:timers/promises'
import type { TranscriptReadyNotification } from 'assemblyai'
import type { TranscriptRecord } from './record.ts'

/** AssemblyAI's rule: any 2xx within 10 s, up to 10 tries, and a 4xx ends them. */
const ANSWER_WITHIN_MS = 10_000
const MOST_TRIES = 10

/** The pauses between tries; the vendor does not publish its own. The last one is used for the rest. */
export const DEFAULT_RETRY_DELAYS_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000]

/** Tells the customers' servers that transcripts are ready. */
export type Webhooks = {
  /** Delivers a transcript's webhook if it is `pending`, also one that an earlier process began to deliver. */
  deliver(record: TranscriptRecord): void
  /** Resolves when no delivery is under way; after the signal was aborted that is soon. */
  settled(): Promise<void>
}

export type WebhooksOptions = {
  /** The pauses between tries, in milliseconds; at least one. */
  retryDelaysMs: readonly number[]
  /** Keeps what was changed in a record. */
  save(): Promise<void>
  /** Is told of failures that are not the receiver's fault. */
  onBug(error: unknown): void
  /** Ends the deliveries. Those under way stay `pending`. */
  signal: AbortSignal
}

export function createWebhooks(options: WebhooksOptions): Webhooks {
  const running = new Set<Promise<void>>()
  return {
    deliver(record) {
      const run = deliverWithRetries(record, options)
        .catch(options.onBug)
        .finally(() => running.delete(run))
      running.add(run)
    },
    async settled() {
      await Promise.all(running)
    },
  }
}

async function deliverWithRetries(record: TranscriptRecord, options: WebhooksOptions): Promise<void> {
  const { webhook } = record
  try {
    while (webhook.state === 'pending') {
      await sleepUntil(webhook.next_try_at, options.signal)
      const statusCode = await tryOnce(record, options.signal)
      options.signal.throwIfAborted()
      noteTry(record, statusCode, options.retryDelaysMs)
      await options.save()
    }
  } catch (error) {
    if (!options.signal.aborted) throw error
  }
}

/** The status that was answered, or the reason why there was none. */
async function tryOnce(
  { id, status, request }: TranscriptRecord,
  signal: AbortSignal,
): Promise<number | string> {
  const notification = { transcript_id: id, status: status === 'completed' ? 'completed' : 'error' } as const
  const { webhook_auth_header_name: name, webhook_auth_header_value: value } = request
  try {
    const response = await fetch(request.webhook_url ?? '', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(name && value && { [name]: value }) },
      body: JSON.stringify(notification satisfies TranscriptReadyNotification),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    })
    await response.body?.cancel()
    return response.status
  } catch (error) {
    return reasonOf(error)
  }
}

function noteTry(record: TranscriptRecord, outcome: number | string, retryDelaysMs: readonly number[]): void {
  const { webhook } = record
  const statusCode = typeof outcome === 'number' ? outcome : null
  webhook.tries.push({
    at: new Date().toISOString(),
    status_code: statusCode,
    error: typeof outcome === 'string' ? outcome : null,
  })
  webhook.state = stateAfter(statusCode, webhook.tries.length)
  const delayMs = retryDelaysMs[webhook.tries.length - 1] ?? retryDelaysMs.at(-1) ?? 0
  webhook.next_try_at = webhook.state === 'pending' ? new Date(Date.now() + delayMs).toISOString() : null
}

function stateAfter(statusCode: number | null, tries: number): TranscriptRecord['webhook']['state'] {
  if (statusCode !== null && statusCode >= 200 && statusCode < 300) return 'delivered'
  const isRefused = statusCode !== null && statusCode >= 400 && statusCode < 500
  return isRefused || tries >= MOST_TRIES ? 'given_up' : 'pending'
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'no answer within 10 s'
  return error.cause instanceof Error ? error.cause.message : error.message
}

async function sleepUntil(isoTime: string | null, signal: AbortSignal): Promise<void> {
  const dueMs = isoTime === null ? 0 : Date.parse(isoTime) - Date.now()
  await sleep(Math.max(0, dueMs), undefined, { signal })
}
