import type * as z from 'zod'
import type { ErrorCode } from './errors.ts'

/** How a caller proves who it is. */
export type Access = 'public' | 'access_token' | 'stripe_signature' | 'callback_secret'

export type Area = 'accounts' | 'credits' | 'transcription' | 'usage' | 'webhooks' | 'service'

/** One form of a body: its media type, its schema, and what it may look like. */
export interface Body {
  readonly mediaType: string
  readonly schema: z.ZodType
  readonly example?: unknown
}

/** An answer that is no error. Without a body it is empty. */
export interface Answer {
  readonly description: string
  readonly bodies: readonly Body[]
}

/** One route of the HTTP contract, as data. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** With path parameters in braces, as API Gateway takes them. */
  readonly path: `/${string}`
  /** What generated clients call it. */
  readonly operationId: string
  readonly area: Area
  readonly summary: string
  readonly description?: string
  readonly access: Access
  /** Whether it takes `Idempotency-Key`. */
  readonly idempotencyKey: boolean
  readonly pathParameters?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: Body
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>
  /** The codes of the errors that it can answer, beside `internal`, which each can. */
  readonly errors: readonly ErrorCode[]
}

/** A JSON body that callers send. */
export const jsonRequest = <Schema extends z.ZodType>(schema: Schema, example: z.input<Schema>): Body => ({
  mediaType: 'application/json',
  schema,
  example,
})

/** A JSON body that callers are answered. */
export const jsonResponse = <Schema extends z.ZodType>(schema: Schema, example: z.output<Schema>): Body => ({
  mediaType: 'application/json',
  schema,
  example,
})
