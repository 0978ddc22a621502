import middy from '@middy/core'
import httpCors from '@middy/http-cors'
import type { ApiEvent, ApiHandler, ApiResponse } from './event.ts'
import { type ProblemOptions, problemDetails } from './problem-details.ts'

export interface HttpDependencies extends ProblemOptions {
  /** The extension's own origin: no other may read the answers. It is named whoever asks, and browsers compare. */
  readonly allowedOrigin: string
}

const cors = (allowedOrigin: string) =>
  httpCors({
    origin: allowedOrigin,
    methods: 'GET,POST',
    headers: 'authorization,content-type,idempotency-key',
    exposeHeaders: 'retry-after',
    maxAge: 7_200,
  })

/** A route's function: CORS and problem details around it. */
export const endpoint = (
  http: HttpDependencies,
  handle: (event: ApiEvent) => Promise<ApiResponse>,
): ApiHandler => {
  const chain = middy<ApiEvent, ApiResponse>()
    .use(cors(http.allowedOrigin))
    .use(problemDetails(http))
    .handler(handle)
  return async (event, context) => chain(event, context)
}

/** Answers the browser's question whether it may ask. */
export const preflight = (http: HttpDependencies): ApiHandler =>
  endpoint(http, () => Promise.resolve({ statusCode: 204 }))
