import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import { names, playTwitch } from '../support/played-twitch.ts'
import { answer, type RouteServer, startRouteServer } from '../support/route-server.ts'

const run = promisify(execFile)

/** Ten seconds of a recording's sound. */
const soundBytes = 250_000
/** In the child; what is fetched stands outside of it. */
const heapMebibytes = 64

const segmentOf = (index: number, bytes: number): Buffer => Buffer.alloc(bytes, `segment ${index}, `)

const digestOfLast = (count: number, segmentBytes: number): string => {
  const hash = createHash('sha256')
  for (let index = 17_280 - count; index < 17_280; index++) hash.update(segmentOf(index, segmentBytes))
  return hash.digest('hex')
}

interface AssemblyAi {
  readonly url: string
  /** Of what was uploaded. */
  digest(): string | undefined
  /** Segments that had been fetched when the first byte of the upload was at last read. */
  fetchedUnread(): number | undefined
  close(): Promise<void>
}

/** AssemblyAI, whose upload reads nothing for a while, then slowly, then as fast as it can. */
const startAssemblyAi = async (fetched: () => number): Promise<AssemblyAi> => {
  let digest: string | undefined
  let fetchedUnread: number | undefined
  const server = createServer({ highWaterMark: 16_384 }, async (request, response) => {
    if (request.url !== '/v2/upload') {
      response.end(JSON.stringify({ id: 'transcript-1' }))
      return
    }
    const hash = createHash('sha256')
    await sleep(1_500)
    fetchedUnread = fetched()
    let slowReads = 40
    for await (const chunk of request) {
      hash.update(chunk)
      if (slowReads-- > 0) await sleep(20)
    }
    digest = hash.digest('hex')
    response.end(JSON.stringify({ upload_url: 'https://cdn.assemblyai.example/upload/1' }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    digest: () => digest,
    fetchedUnread: () => fetchedUnread,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const reportSchema = z.object({ transcriptId: z.string(), doneMs: z.int(), peakMebibytes: z.int() })

const servers: { close(): Promise<void> }[] = []

afterEach(() => Promise.all(servers.splice(0).map(server => server.close())))

interface Source {
  readonly segmentBytes: number
  /** Of its only rendition; it has one of sound alone without it. */
  readonly bitsPerSecond?: number
}

/** A Twitch whose channel has 48 hours of recording, as long as one gets, its segments answered in no order. */
const startTwitch = async ({
  segmentBytes,
  bitsPerSecond,
}: Source): Promise<{ twitch: RouteServer; fetched: () => number; peak: () => number }> => {
  const twitch = await startRouteServer()
  servers.push(twitch)
  playTwitch(twitch, { login: 'speaks', recordings: [{ id: '11', segments: names(17_280) }] })
  if (bitsPerSecond !== undefined) {
    twitch.routes['/usher/vod/v2/11.m3u8'] = answer(
      `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=${bitsPerSecond}\n/cdn/11/audio_only/index-dvr.m3u8\n`,
    )
  }
  let fetched = 0
  let open = 0
  let peak = 0
  for (const index of names(17_280).keys()) {
    twitch.routes[`/cdn/11/audio_only/${index}.ts`] = async (_request, response) => {
      open += 1
      peak = Math.max(peak, open)
      await sleep((index * 7) % 20)
      response.end(segmentOf(index, segmentBytes))
      response.once('close', () => {
        open -= 1
        fetched += 1
      })
    }
  }
  return { twitch, fetched: () => fetched, peak: () => peak }
}

const uploadLast = async (minutes: number, source: Source) => {
  const { twitch, fetched, peak } = await startTwitch(source)
  const upload = await startAssemblyAi(fetched)
  servers.push(upload)
  const { stdout } = await run(process.execPath, [
    `--max-old-space-size=${heapMebibytes}`,
    join(projectDir, 'tests/support/upload-last-minutes.ts'),
    twitch.url,
    upload.url,
    String(minutes),
  ])
  const report = reportSchema.parse(JSON.parse(stdout))
  return { ...report, digest: upload.digest(), fetchedUnread: upload.fetchedUnread(), peakRequests: peak() }
}

describe.runIf(existsSync('/proc/self/status'))('within 256 MB is uploaded', () => {
  test('120 minutes of a recording, and it needs hardly more than 10 minutes do', async () => {
    const short = await uploadLast(10, { segmentBytes: soundBytes })
    const long = await uploadLast(120, { segmentBytes: soundBytes })

    expect(short).toMatchObject({ doneMs: 600_000, digest: digestOfLast(60, soundBytes) })
    expect(long).toMatchObject({ doneMs: 7_200_000, digest: digestOfLast(720, soundBytes) })

    expect(long.peakMebibytes).toBeLessThanOrEqual(256)
    expect(long.peakMebibytes - short.peakMebibytes).toBeLessThanOrEqual(48)
    expect(long.peakRequests).toBe(4)
    // What the sockets on both sides hold comes to some megabytes.
    expect(long.fetchedUnread).toBeLessThan(80)
  })

  test.each([
    { what: 'a source of 8 Mbit/s', bitsPerSecond: 8_000_000, segmentBytes: 10_000_000, atOnce: 1 },
    { what: 'the longest segments', bitsPerSecond: 8_000_000, segmentBytes: 16_000_000, atOnce: 1 },
    { what: 'the longest of two at once', bitsPerSecond: 4_800_000, segmentBytes: 12_000_000, atOnce: 2 },
    { what: 'the longest of four at once', bitsPerSecond: 200_000, segmentBytes: 6_000_000, atOnce: 4 },
  ])('$what', async ({ bitsPerSecond, segmentBytes, atOnce }) => {
    const uploaded = await uploadLast(5, { bitsPerSecond, segmentBytes })
    expect(uploaded).toMatchObject({
      doneMs: 300_000,
      digest: digestOfLast(30, segmentBytes),
      peakRequests: atOnce,
    })
    expect(uploaded.peakMebibytes).toBeLessThanOrEqual(256)
  })
})
