import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { Backoff } from '../domain/ports.ts'

/** As many tries as carry 200 concurrent operations on one account through their conflicts. */
const maxAttempts = 12

/** Reasons for which DynamoDB cancels a transaction that may simply be sent again. */
const retryableReasons = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])

const isRetryable = (error: unknown): boolean => {
  if (error instanceof TransactionConflictException || error instanceof TransactionInProgressException)
    return true
  if (!(error instanceof TransactionCanceledException)) return false
  const codes = (error.CancellationReasons ?? []).map(reason => reason.Code ?? 'None')
  return !codes.includes('ConditionalCheckFailed') && codes.some(code => retryableReasons.has(code))
}

/** Sends a write again while DynamoDB says that it met another one. The SDK does not. */
export const retryConflicts = async <Output>(
  backoff: Backoff,
  send: () => Promise<Output>,
): Promise<Output> => {
  for (let attempt = 0; ; attempt++) {
    try {
      return await send()
    } catch (error) {
      if (!isRetryable(error) || attempt + 1 >= maxAttempts) throw error
      await backoff(attempt)
    }
  }
}

/** The outcome of a conditional single write: its output, or the item that failed its condition. */
export type Conditional<Output> =
  | { readonly held: true; readonly output: Output }
  | { readonly held: false; readonly item: Record<string, unknown> | undefined }

/** Runs an update or put; a failed condition is an outcome and not an error. Ask for `ALL_OLD` on failure. */
export const conditional = async <Output>(
  backoff: Backoff,
  send: () => Promise<Output>,
): Promise<Conditional<Output>> => {
  try {
    return { held: true, output: await retryConflicts(backoff, send) }
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    return { held: false, item: error.Item && unmarshall(error.Item) }
  }
}

/** What failed in a transaction, by the items' names: the old item of each one whose condition failed. */
export type FailedConditions<Name extends string> = Partial<
  Record<Name, { readonly item: Record<string, unknown> | undefined }>
>

/**
 * Runs a transaction whose items are named in the order of the request, which is the order of DynamoDB's
 * cancellation reasons.
 * @returns the failed conditions, or undefined once it is written
 */
export const transact = async <Name extends string>(
  backoff: Backoff,
  names: readonly Name[],
  send: () => Promise<unknown>,
): Promise<FailedConditions<Name> | undefined> => {
  try {
    await retryConflicts(backoff, send)
    return undefined
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error
    const failed: FailedConditions<Name> = {}
    error.CancellationReasons?.forEach((reason, index) => {
      const name = names[index]
      if (name === undefined || reason.Code !== 'ConditionalCheckFailed') return
      failed[name] = { item: reason.Item && unmarshall(reason.Item) }
    })
    if (Object.keys(failed).length === 0) throw error
    return failed
  }
}
