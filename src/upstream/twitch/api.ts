import type * as z from 'zod'
import { UpstreamError } from '../../domain/errors.ts'
import { type FetchAnswer, FetchError } from '../allowed-fetch.ts'

export const vendor = 'twitch'

/** Far more than any answer or playlist of Twitch's has: a server that lies can't fill the memory. */
export const longestAnswerBytes = 5_000_000

/** The JSON that was asked for. @throws {UpstreamError} for another status, or another shape. */
export const parseAnswer = <Schema extends z.ZodType>(
  schema: Schema,
  { status, body }: FetchAnswer,
): z.output<Schema> => {
  if (status !== 200) throw new FetchError(vendor, 'status', { status })
  try {
    return schema.parse(JSON.parse(body.toString('utf8')))
  } catch (error) {
    throw new UpstreamError(vendor, 'failed', undefined, error)
  }
}
