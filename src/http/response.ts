import type { ApiResponse } from './event.ts'

/** JSON that no cache keeps. */
export const json = (statusCode: number, body: unknown): ApiResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
})

export const noContent = (): ApiResponse => ({ statusCode: 204 })
