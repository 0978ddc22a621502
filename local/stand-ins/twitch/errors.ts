import { STATUS_CODES } from 'node:http'

/**
 * An error as the part of Twitch that answers it would put it.
 *
 * Statuses and messages of `id.twitch.tv` and of Helix are those of https://dev.twitch.tv/docs/api/reference/ and
 * of answers that clients have published. GraphQL, usher and the CDN are not documented: 400 for a client id that
 * isn't known, and usher's arrays with `error_code`, are what the issues and sources of streamlink, yt-dlp and
 * TwitchDownloader show (https://github.com/streamlink/streamlink/issues/2713).
 */
export class TwitchError extends Error {
  override readonly name = 'TwitchError'
  readonly statusCode: number
  readonly body: unknown
  readonly headers: Record<string, string>

  constructor(statusCode: number, body: unknown, headers: Record<string, string> = {}) {
    super(typeof body === 'string' ? body : JSON.stringify(body))
    this.statusCode = statusCode
    this.body = body
    this.headers = headers
  }
}

/** Of `id.twitch.tv`. */
export const identityError = (status: number, message: string) => new TwitchError(status, { status, message })

/** Of Helix, and of GraphQL before it looks at the query. */
export const apiError = (status: number, message: string, headers: Record<string, string> = {}) =>
  new TwitchError(status, { error: STATUS_CODES[status] ?? '', status, message }, headers)

/** Of usher: the array with one element that its clients look into. */
export const usherError = (status: number, url: string, error: string, errorCode: string) =>
  new TwitchError(status, [{ url, error, error_code: errorCode, type: 'error' }])

/** S3 doesn't tell what isn't there from what one mayn't have. */
export const accessDenied = () => cdnError(403, 'AccessDenied', 'Access Denied')

/** Of the CDN: what S3 says through CloudFront. */
export const cdnError = (status: number, code: string, message: string) =>
  new TwitchError(
    status,
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    { 'content-type': 'application/xml' },
  )
