import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { AwsError } from '../errors.ts'
import { type JsonService, operation } from '../json-protocol.ts'
import type { Message } from './data.ts'
import { type Queue, type QueueCounts, retentionMs } from './queue.ts'

export interface SqsOptions {
  accessKeyId: string
  /** Of the one queue. */
  queueUrl: string
  queueArn: string
  queue: Queue
}

/** As serverless.yml sets it for this queue. */
const defaultVisibilitySeconds = 120
/** How often a long poll looks. */
const pollIntervalMs = 200
const visibilitySeconds = z.int().min(0).max(43_200)
const deleteEntry = z.object({ Id: z.string(), ReceiptHandle: z.string() })
const visibilityEntry = deleteEntry.extend({ VisibilityTimeout: visibilitySeconds })
const names = z.array(z.string()).default([])

/** SQS, with one queue. */
export function sqsService({ accessKeyId, queueUrl, queueArn, queue }: SqsOptions): JsonService {
  const queueName = nameIn(queueUrl)
  const toQueue = z.object({ QueueUrl: z.string() })
  /** Of an address only the name counts: the host is another for each start. */
  const requireQueue = (url: string): void => {
    if (nameIn(url) !== queueName) throw noQueue()
  }

  return {
    path: '/sqs',
    target: 'AmazonSQS',
    namespace: 'com.amazonaws.sqs',
    version: '1.0',
    accessKeyId,
    operations: {
      GetQueueUrl: operation(z.object({ QueueName: z.string() }), input => {
        requireQueue(input.QueueName)
        return { QueueUrl: queueUrl }
      }),
      GetQueueAttributes: operation(toQueue.extend({ AttributeNames: names }), input => {
        requireQueue(input.QueueUrl)
        return { Attributes: pick(attributesOf(queue.counts(), queueArn), input.AttributeNames) }
      }),
      SendMessage: operation(toQueue.extend({ MessageBody: z.string().min(1) }), async input => {
        requireQueue(input.QueueUrl)
        const { id, body } = await queue.send(input.MessageBody)
        return { MessageId: id, MD5OfMessageBody: md5(body) }
      }),
      ReceiveMessage: operation(
        toQueue.extend({
          MaxNumberOfMessages: z.int().min(1).max(10).default(1),
          VisibilityTimeout: visibilitySeconds.default(defaultVisibilitySeconds),
          WaitTimeSeconds: z.int().min(0).max(20).default(0),
          AttributeNames: names,
          MessageSystemAttributeNames: names,
        }),
        async (input, signal) => {
          requireQueue(input.QueueUrl)
          const messages = await receive(queue, input, signal)
          const wanted = [...input.AttributeNames, ...input.MessageSystemAttributeNames]
          return messages.length === 0 ? {} : { Messages: messages.map(message => toJson(message, wanted)) }
        },
      ),
      DeleteMessage: operation(toQueue.extend({ ReceiptHandle: z.string() }), async input => {
        requireQueue(input.QueueUrl)
        await queue.delete(input.ReceiptHandle)
      }),
      ChangeMessageVisibility: operation(
        toQueue.extend({ ReceiptHandle: z.string(), VisibilityTimeout: visibilitySeconds }),
        async input => {
          requireQueue(input.QueueUrl)
          await queue.hide(input.ReceiptHandle, input.VisibilityTimeout * 1_000)
        },
      ),
      ChangeMessageVisibilityBatch: operation(
        toQueue.extend({ Entries: z.array(visibilityEntry).min(1).max(10) }),
        async input => {
          requireQueue(input.QueueUrl)
          return eachOf(input.Entries, entry =>
            queue.hide(entry.ReceiptHandle, entry.VisibilityTimeout * 1_000),
          )
        },
      ),
      DeleteMessageBatch: operation(
        toQueue.extend({ Entries: z.array(deleteEntry).min(1).max(10) }),
        async input => {
          requireQueue(input.QueueUrl)
          return eachOf(input.Entries, entry => queue.delete(entry.ReceiptHandle))
        },
      ),
    },
  }
}

/** Does a batch one by one: what fails is told, and the rest is done. */
async function eachOf<Entry extends { Id: string }>(
  entries: readonly Entry[],
  run: (entry: Entry) => Promise<void>,
) {
  const Successful: { Id: string }[] = []
  const Failed: { Id: string; SenderFault: boolean; Code: string; Message: string }[] = []
  for (const entry of entries) {
    try {
      await run(entry)
      Successful.push({ Id: entry.Id })
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message })
    }
  }
  return { Successful, Failed }
}

async function receive(
  queue: Queue,
  input: { MaxNumberOfMessages: number; VisibilityTimeout: number; WaitTimeSeconds: number },
  signal: AbortSignal,
): Promise<Message[]> {
  const deadline = performance.now() + input.WaitTimeSeconds * 1_000
  for (;;) {
    const messages = await queue.receive(input.MaxNumberOfMessages, input.VisibilityTimeout * 1_000)
    if (messages.length > 0 || signal.aborted || performance.now() >= deadline) return messages
    await sleep(pollIntervalMs)
  }
}

function toJson(message: Message, wanted: string[]) {
  const attributes = {
    SenderId: 'local',
    SentTimestamp: String(message.sentAtMs),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs ?? message.sentAtMs),
  }
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(wanted.length === 0 ? {} : { Attributes: pick(attributes, wanted) }),
  }
}

function attributesOf({ visible, notVisible }: QueueCounts, queueArn: string): Record<string, string> {
  return {
    QueueArn: queueArn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(notVisible),
    ApproximateNumberOfMessagesDelayed: '0',
    VisibilityTimeout: String(defaultVisibilitySeconds),
    MessageRetentionPeriod: String(retentionMs / 1_000),
  }
}

function pick(attributes: Record<string, string>, wanted: string[]): Record<string, string> {
  if (wanted.includes('All')) return attributes
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted.includes(name)))
}

function nameIn(queueUrl: string): string {
  return queueUrl.split('/').at(-1) ?? ''
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

function noQueue(): AwsError {
  return new AwsError(
    400,
    'QueueDoesNotExist',
    'The specified queue does not exist.',
    'AWS.SimpleQueueService.NonExistentQueue',
  )
}
