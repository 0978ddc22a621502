import { apiError } from './errors.ts'

/** https://dev.twitch.tv/docs/api/guide/#twitch-rate-limits: points a minute, and each call here costs one. */
const POINTS_A_MINUTE = 800
const minuteMs = 60_000

/** The headers with which Helix tells how many calls are left, and when (in seconds since 1970) there are more. */
export function rateLimitHeaders(remaining: number, resetsAtMs: number): Record<string, string> {
  return {
    'Ratelimit-Limit': String(POINTS_A_MINUTE),
    'Ratelimit-Remaining': String(remaining),
    'Ratelimit-Reset': String(Math.ceil(resetsAtMs / 1_000)),
  }
}

/** Helix's refusal of a call that is one too many. */
export function tooManyRequests(resetsAtMs: number) {
  return apiError(429, 'Too many requests.', rateLimitHeaders(0, resetsAtMs))
}

/** Counts calls by the minute; each call takes a point and gives its headers. It throws once there are none. */
export function createRateLimit(now: () => number): () => Record<string, string> {
  let minute = 0
  let taken = 0
  return () => {
    const current = Math.floor(now() / minuteMs)
    if (current !== minute) taken = 0
    minute = current
    const resetsAtMs = (current + 1) * minuteMs
    if (taken === POINTS_A_MINUTE) throw tooManyRequests(resetsAtMs)
    taken += 1
    return rateLimitHeaders(POINTS_A_MINUTE - taken, resetsAtMs)
  }
}
