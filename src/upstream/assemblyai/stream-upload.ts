import type { Readable } from 'node:stream'
import * as z from 'zod'
import { UpstreamError } from '../../domain/errors.ts'

export interface StreamUploadOptions {
  readonly apiKey: string
  /** The vendor's own address without it. */
  readonly baseUrl: string | undefined
}

const answerSchema = z.object({ upload_url: z.string().min(1) })

/**
 * The vendor's documented upload, of sound that comes as a stream; answers where the vendor keeps it.
 * The SDK's would keep all of it in memory: in case of a redirect, Node's fetch puts a copy of the stream aside
 * (https://github.com/nodejs/undici/issues/4058), unless redirects are errors and there is no window to ask
 * for credentials (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch), which the SDK doesn't say.
 */
export const uploadStream = async (
  body: Readable,
  { apiKey, baseUrl = 'https://api.assemblyai.com' }: StreamUploadOptions,
): Promise<string> => {
  const response = await fetch(`${baseUrl}/v2/upload`, {
    method: 'POST',
    headers: { authorization: apiKey, 'content-type': 'application/octet-stream' },
    body,
    duplex: 'half',
    redirect: 'error',
    window: null,
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new UpstreamError('assemblyai', 'failed', response.status)
  }
  return answerSchema.parse(await response.json()).upload_url
}
