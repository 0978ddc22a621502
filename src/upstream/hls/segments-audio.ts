import { pMapIterable } from 'p-map'
import { UpstreamError } from '../../domain/errors.ts'
import type { RecordedAudio } from '../../domain/ports.ts'
import { FetchError } from '../allowed-fetch.ts'
import type { RetriedFetch } from '../retried-fetch.ts'
import type { MediaSegment } from './playlist.ts'

export interface AudioLimits {
  /** Segments that are fetched at once, at most; as many are held, beside the one that is handed on. */
  readonly concurrency: number
  /** What these may come to. */
  readonly bytesInFlight: number
  /** For one try of one segment. */
  readonly segmentTimeoutMs: number
  /** No segment may be longer, even if it is fetched alone. */
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

interface Pace {
  readonly concurrency: number
  readonly segmentBytes: number
}

/** A segment may be this much longer than the bandwidth tells: that is a mean, or a guess. */
const spread = 2

/** The more a segment may have, the fewer are fetched at once; a segment of more than its share is refused. */
const paceOf = (
  segments: readonly MediaSegment[],
  bitsPerSecond: number,
  { concurrency, bytesInFlight, segmentBytes }: AudioLimits,
): Pace => {
  const longestMs = segments.reduce((longest, { fromMs, toMs }) => Math.max(longest, toMs - fromMs), 0)
  const likelyBytes = spread * (bitsPerSecond / 8) * (longestMs / 1_000)
  const fitting = Math.max(1, Math.min(concurrency, Math.floor(bytesInFlight / likelyBytes)))
  return { concurrency: fitting, segmentBytes: Math.min(segmentBytes, bytesInFlight / fitting) }
}

/** Segments one after the other, a few of them fetched ahead and whole, so that each can be tried again. */
export class SegmentsAudio implements RecordedAudio {
  readonly #fetch: RetriedFetch
  readonly #parts: readonly Part[]
  readonly #pace: Pace
  readonly #limits: AudioLimits

  /** @param bitsPerSecond that the segments are said to need */
  constructor(
    fetch: RetriedFetch,
    segments: readonly MediaSegment[],
    bitsPerSecond: number,
    limits: AudioLimits,
  ) {
    this.#fetch = fetch
    this.#parts = partsOf(segments)
    this.#pace = paceOf(segments, bitsPerSecond, limits)
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
    const { concurrency } = this.#pace
    const fetched = pMapIterable(
      this.#parts,
      async ({ url, doneMs }) => ({ body: await this.#fetchPart(url, stop.signal), doneMs }),
      { concurrency, backpressure: concurrency },
    )
    let bytes = 0
    try {
      for await (const { body, doneMs } of fetched) {
        for (const { byteLength } of body) bytes += byteLength
        if (bytes > this.#limits.totalBytes) throw new UpstreamError(this.#fetch.vendor, 'too_long')
        yield* body
        onProgress(doneMs)
      }
    } finally {
      stop.abort()
    }
  }

  async #fetchPart(url: URL, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    const { status, body } = await this.#fetch.send(url, {
      timeoutMs: this.#limits.segmentTimeoutMs,
      maxBytes: this.#pace.segmentBytes,
      signal,
    })
    if (status !== 200) throw new FetchError(this.#fetch.vendor, 'status', { status })
    return body
  }
}
