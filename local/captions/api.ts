import { v7 } from 'uuid'
import * as z from 'zod'
import {
  type LeaseResponse,
  leaseResponseSchema,
  type StopResponse,
  stopResponseSchema,
} from '../../src/contracts/live-captions.ts'

/** Which backend, and who asks. */
export interface Account {
  /** Without a slash at its end. */
  readonly apiUrl: string
  readonly accessToken: string
}

const problemSchema = z.object({ detail: z.string() })

/** Starts live captions: the first lease. @throws {Error} what the backend says is wrong */
export const startCaptions = (account: Account): Promise<LeaseResponse> =>
  post(account, '/transcription/stream', leaseResponseSchema)

/** Ends them and tells what they cost. @throws {Error} what the backend says is wrong */
export const stopCaptions = (account: Account, operationId: string): Promise<StopResponse> =>
  post(account, `/transcription/stream/${operationId}/stop`, stopResponseSchema)

async function post<Schema extends z.ZodType>(
  { apiUrl, accessToken }: Account,
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const response = await fetch(apiUrl + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      'idempotency-key': v7(),
    },
    body: '{}',
  }).catch((cause: unknown) => {
    throw new Error(`The API at ${apiUrl} does not answer. Does npm start run?`, { cause })
  })
  const answer: unknown = await response.json()
  if (response.ok) return schema.parse(answer)
  const problem = problemSchema.safeParse(answer)
  throw new Error(problem.success ? problem.data.detail : `The API answered ${response.status}.`)
}
