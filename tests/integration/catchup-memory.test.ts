import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import { names, playTwitch } from '../support/played-twitch.ts'
import { type RouteServer, startRouteServer } from '../support/route-server.ts'

const run = promisify(execFile)

/** Ten seconds of a recording's smallest rendition. */
const segmentBytes = 250_000
/** In the child; what is fetched stands outside of it. */
const heapMebibytes = 64

const segmentOf = (index: number): Buffer => Buffer.alloc(segmentBytes, `segment ${index}, `)

const digestOf = (indexes: readonly number[]): string => {
  const hash = createHash('sha256')
  for (const index of indexes) hash.update(segmentOf(index))
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

/** A Twitch whose channel has three hours of recording, its segments answered in no order. */
const startTwitch = async (): Promise<{ twitch: RouteServer; fetched: () => number; peak: () => number }> => {
  const twitch = await startRouteServer()
  servers.push(twitch)
  playTwitch(twitch, { login: 'speaks', recordings: [{ id: '11', segments: names(1_080) }] })
  let fetched = 0
  let open = 0
  let peak = 0
  for (const index of names(1_080).keys()) {
    twitch.routes[`/cdn/11/audio_only/${index}.ts`] = async (_request, response) => {
      open += 1
      peak = Math.max(peak, open)
      await sleep((index * 7) % 20)
      response.end(segmentOf(index))
      response.once('close', () => {
        open -= 1
        fetched += 1
      })
    }
  }
  return { twitch, fetched: () => fetched, peak: () => peak }
}

const uploadLast = async (minutes: number) => {
  const { twitch, fetched, peak } = await startTwitch()
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

test.runIf(existsSync('/proc/self/status'))(
  '120 minutes of a recording are uploaded within 256 MB, and need hardly more than 10 minutes do',
  async () => {
    const short = await uploadLast(10)
    const long = await uploadLast(120)
    const last = (count: number) => Array.from({ length: count }, (_, index) => 1_080 - count + index)

    expect(short).toMatchObject({ doneMs: 600_000, digest: digestOf(last(60)) })
    expect(long).toMatchObject({ doneMs: 7_200_000, digest: digestOf(last(720)) })

    expect(long.peakMebibytes).toBeLessThanOrEqual(256)
    expect(long.peakMebibytes - short.peakMebibytes).toBeLessThanOrEqual(48)
    expect(long.peakRequests).toBe(4)
    // What the sockets on both sides hold comes to some megabytes.
    expect(long.fetchedUnread).toBeLessThan(80)
  },
)
