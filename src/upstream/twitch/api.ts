import type * as z from 'zod'
import { UpstreamError } from '../../domain/errors.ts'
import { type FetchAnswer, FetchError, textOf } from '../allowed-fetch.ts'

export const vendor = 'twitch'

/** Far more than any answer of Twitch's has: a server that lies can't fill the memory. */
export const longestAnswerBytes = 1_000_000

/**
 * The JSON that was asked for. @throws {UpstreamError} for another status, or another shape. It has no status of
 * its own: a 403 here is about our own credentials, and not about the recording, as one of its segments' would be.
 */
export const parseAnswer = <Schema extends z.ZodType>(
  schema: Schema,
  answer: FetchAnswer,
): z.output<Schema> => {
  try {
    if (answer.status !== 200) throw new FetchError(vendor, 'status', { status: answer.status })
    return schema.parse(JSON.parse(textOf(answer)))
  } catch (error) {
    throw new UpstreamError(vendor, 'failed', undefined, error)
  }
}
