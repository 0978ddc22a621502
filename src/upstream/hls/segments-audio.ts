import { pMapIterable } from 'p-map'
import { UpstreamError } from '../../domain/errors.ts'
import type { RecordedAudio } from '../../domain/ports.ts'
import { FetchError } from '../allowed-fetch.ts'
import type { RetriedFetch } from '../retried-fetch.ts'
import type { MediaSegment } from './playlist.ts'

export interface AudioLimits {
  /** Segments that are fetched at once; as many are held at most, beside the one that was handed on. */
  readonly concurrency: number
  /** For one try of one segment. */
  readonly segmentTimeoutMs: number
  readonly segmentBytes: number
  readonly totalBytes: number
}

interface Part {
  readonly url: URL
  /** How much of the window has been handed on with it. */
  readonly doneMs: number
}

/** The files to concatenate: each fragmented MP4 begins with its initialisation. */
const partsOf = (segments: readonly MediaSegment[]): readonly Part[] => {
  const startMs = segments[0]?.fromMs ?? 0
  return segments.flatMap(({ url, initUrl, fromMs, toMs }, index) => {
    const part = { url, doneMs: toMs - startMs }
    const isNewInit = initUrl !== undefined && initUrl.href !== segments[index - 1]?.initUrl?.href
    return isNewInit ? [{ url: initUrl, doneMs: fromMs - startMs }, part] : [part]
  })
}

/** Segments one after the other, a few of them fetched ahead and whole, so that each can be tried again. */
export class SegmentsAudio implements RecordedAudio {
  readonly #fetch: RetriedFetch
  readonly #parts: readonly Part[]
  readonly #limits: AudioLimits

  constructor(fetch: RetriedFetch, segments: readonly MediaSegment[], limits: AudioLimits) {
    this.#fetch = fetch
    this.#parts = partsOf(segments)
    this.#limits = limits
  }

  read(onProgress: (doneMs: number) => void): AsyncIterable<Uint8Array> {
    const stop = new AbortController()
    const generator = this.#read(onProgress, stop)
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => generator.next(),
        return: () => {
          // The generator may be waiting for a segment, and would come to its own end only after it.
          stop.abort()
          return generator.return()
        },
      }),
    }
  }

  async *#read(
    onProgress: (doneMs: number) => void,
    stop: AbortController,
  ): AsyncGenerator<Uint8Array, void, void> {
    const { concurrency, totalBytes } = this.#limits
    const fetched = pMapIterable(
      this.#parts,
      async ({ url, doneMs }) => ({ body: await this.#fetchPart(url, stop.signal), doneMs }),
      { concurrency, backpressure: concurrency },
    )
    let bytes = 0
    try {
      for await (const { body, doneMs } of fetched) {
        bytes += body.byteLength
        if (bytes > totalBytes) throw new UpstreamError(this.#fetch.vendor, 'too_long')
        yield body
        onProgress(doneMs)
      }
    } finally {
      stop.abort()
    }
  }

  async #fetchPart(url: URL, signal: AbortSignal): Promise<Uint8Array> {
    const { segmentTimeoutMs, segmentBytes } = this.#limits
    const { status, body } = await this.#fetch.send(url, {
      timeoutMs: segmentTimeoutMs,
      maxBytes: segmentBytes,
      signal,
    })
    if (status !== 200) throw new FetchError(this.#fetch.vendor, 'status', { status })
    return body
  }
}
