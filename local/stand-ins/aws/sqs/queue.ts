import { randomUUID } from 'node:crypto'
import type { State } from '../../state.ts'
import { AwsError } from '../errors.ts'
import type { Message, QueueData } from './data.ts'

/** How many messages can be received, and how many were and may come back. */
export interface QueueCounts {
  visible: number
  notVisible: number
}

/** A standard queue. What it changes is on disk when a call resolves. */
export interface Queue {
  send(body: string): Promise<Message>
  /** Hands out up to `max` messages and hides each for `visibilityMs`. */
  receive(max: number, visibilityMs: number): Promise<Message[]>
  /** @throws {AwsError} when the handle was never given */
  delete(receiptHandle: string): Promise<void>
  /** @throws {AwsError} when the handle was never given, or its message is visible again */
  hide(receiptHandle: string, visibilityMs: number): Promise<void>
  counts(): QueueCounts
  /** All of them, the oldest first. */
  messages(): readonly Message[]
}

/** As serverless.yml keeps dead letters: as long as SQS can. */
export const retentionMs = 14 * 24 * 60 * 60_000

const handlePattern = /^[\da-f-]{36}\.[\da-f-]{36}$/

export function createQueue(state: State<QueueData>, nowMs: () => number): Queue {
  const { data } = state

  function forgetOld(): void {
    data.messages = data.messages.filter(({ sentAtMs }) => sentAtMs > nowMs() - retentionMs)
  }

  function find(receiptHandle: string): Message | undefined {
    if (!handlePattern.test(receiptHandle)) {
      throw new AwsError(
        400,
        'ReceiptHandleIsInvalid',
        `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
        'ReceiptHandleIsInvalid',
      )
    }
    return data.messages.find(message => message.receiptHandle === receiptHandle)
  }

  return {
    async send(body) {
      forgetOld()
      const atMs = nowMs()
      const message: Message = {
        id: randomUUID(),
        body,
        sentAtMs: atMs,
        visibleAtMs: atMs,
        receives: 0,
        firstReceivedAtMs: null,
        receiptHandle: null,
      }
      data.messages.push(message)
      await state.save()
      return message
    },
    async receive(max, visibilityMs) {
      forgetOld()
      const atMs = nowMs()
      const received = data.messages.filter(({ visibleAtMs }) => visibleAtMs <= atMs).slice(0, max)
      for (const message of received) {
        message.visibleAtMs = atMs + visibilityMs
        message.receives += 1
        message.firstReceivedAtMs ??= atMs
        message.receiptHandle = `${message.id}.${randomUUID()}`
      }
      if (received.length > 0) await state.save()
      return received
    },
    async delete(receiptHandle) {
      const message = find(receiptHandle)
      if (message === undefined) return
      data.messages = data.messages.filter(other => other !== message)
      await state.save()
    },
    async hide(receiptHandle, visibilityMs) {
      const message = find(receiptHandle)
      if (message === undefined || message.visibleAtMs <= nowMs()) {
        throw new AwsError(
          400,
          'MessageNotInflight',
          'The message referred to isn’t in flight.',
          'AWS.SimpleQueueService.MessageNotInflight',
        )
      }
      message.visibleAtMs = nowMs() + visibilityMs
      await state.save()
    },
    counts() {
      forgetOld()
      const visible = data.messages.filter(({ visibleAtMs }) => visibleAtMs <= nowMs()).length
      return { visible, notVisible: data.messages.length - visible }
    },
    messages: () => data.messages,
  }
}
