import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { outputOf } from './stack.ts'
import type { Target } from './target.ts'

export interface QueuedMessage {
  readonly messageId: string
  readonly receiptHandle: string
  readonly body: string
}

/** SQS hands out and takes back at most this many at once. */
const batchSize = 10
/** A message that was received and not deleted comes back after this. */
const hiddenSeconds = 60

/** The stage's queue of dead letters. */
export class DeadLetterQueue {
  readonly #client: SQSClient
  readonly #url: string

  private constructor(client: SQSClient, url: string) {
    this.#client = client
    this.#url = url
  }

  static async of(target: Target): Promise<DeadLetterQueue> {
    const url = outputOf(await target.stack(), 'DeadLettersUrl')
    return new DeadLetterQueue(new SQSClient(target.clientOptions('sqs')), url)
  }

  /** How many there are, without touching them; SQS counts approximately. */
  async count(): Promise<number> {
    const { Attributes } = await this.#client.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#url,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    )
    return (
      Number(Attributes?.ApproximateNumberOfMessages ?? 0) +
      Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0)
    )
  }

  /** Takes a batch; nobody else sees it for a minute. Empty once there is no more. */
  async #receive(): Promise<readonly QueuedMessage[]> {
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#url,
        MaxNumberOfMessages: batchSize,
        VisibilityTimeout: hiddenSeconds,
        // Asks all of the queue's servers: without it a message may be missed.
        WaitTimeSeconds: 1,
      }),
    )
    return Messages.flatMap(({ MessageId, ReceiptHandle, Body }) =>
      MessageId === undefined || ReceiptHandle === undefined
        ? []
        : [{ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body ?? '' }],
    )
  }

  /** Every message once, put back where it was. */
  async peek(): Promise<readonly QueuedMessage[]> {
    const messages: QueuedMessage[] = []
    for await (const message of this.takeAll()) messages.push(message)
    await this.putBack(messages)
    return messages
  }

  /**
   * Takes the messages that are there, each once: not what comes back, nor what fails anew meanwhile. What the caller
   * does not delete comes back by itself.
   */
  async *takeAll(): AsyncGenerator<QueuedMessage> {
    const taken = new Set<string>()
    for (let left = await this.count(); left > 0; ) {
      const batch = (await this.#receive()).filter(({ messageId }) => !taken.has(messageId))
      if (batch.length === 0) return
      for (const message of batch) taken.add(message.messageId)
      left -= batch.length
      yield* batch
    }
  }

  /** Lets others see them again at once. */
  async putBack(messages: readonly QueuedMessage[]): Promise<void> {
    for (let start = 0; start < messages.length; start += batchSize) {
      const Entries = messages.slice(start, start + batchSize).map((message, index) => ({
        Id: String(index),
        ReceiptHandle: message.receiptHandle,
        VisibilityTimeout: 0,
      }))
      await this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#url, Entries }))
    }
  }

  async delete({ receiptHandle }: QueuedMessage): Promise<void> {
    await this.#client.send(new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle: receiptHandle }))
  }

  close(): void {
    this.#client.destroy()
  }
}
