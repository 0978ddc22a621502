import * as z from 'zod'

const message = z.object({
  id: z.string(),
  body: z.string(),
  sentAtMs: z.number(),
  /** When it can be received again. */
  visibleAtMs: z.number(),
  receives: z.int(),
  firstReceivedAtMs: z.number().nullable(),
  /** Of the last receipt: only that one can delete it or hide it longer. */
  receiptHandle: z.string().nullable(),
})
export type Message = z.infer<typeof message>

/** The queue's messages, the oldest first. */
export const queueData = z.object({ messages: z.array(message) })
export type QueueData = z.infer<typeof queueData>
