import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AllowedFetch } from '../../../../src/upstream/allowed-fetch.ts'
import type { MediaSegment } from '../../../../src/upstream/hls/playlist.ts'
import { type AudioLimits, SegmentsAudio } from '../../../../src/upstream/hls/segments-audio.ts'
import { RetriedFetch } from '../../../../src/upstream/retried-fetch.ts'
import {
  answer,
  cutOff,
  drop,
  hang,
  inTurn,
  type Route,
  type RouteServer,
  stall,
  startRouteServer,
} from '../../../support/route-server.ts'

let server: RouteServer

beforeEach(async () => {
  server = await startRouteServer()
})

afterEach(() => server.close())

const limits: AudioLimits = {
  concurrency: 3,
  bytesInFlight: 3_000,
  segmentTimeoutMs: 600,
  segmentBytes: 1_000,
  totalBytes: 100_000,
}

/** Ten seconds each, in a recording of which they are not the beginning. */
const segmentsOf = (count: number, init: (index: number) => string | undefined = () => undefined) =>
  Array.from({ length: count }, (_, index): MediaSegment => {
    const initPath = init(index)
    return {
      url: new URL(`${server.url}/${index}`),
      initUrl: initPath === undefined ? undefined : new URL(`${server.url}${initPath}`),
      fromMs: 500_000 + index * 10_000,
      toMs: 510_000 + index * 10_000,
    }
  })

const audioOf = (
  segments: readonly MediaSegment[],
  changed: Partial<AudioLimits> = {},
  bitsPerSecond = 0,
): SegmentsAudio => {
  const fetch = new RetriedFetch(new AllowedFetch('cdn', [server.url]), { retries: 2, sleep: async () => {} })
  return new SegmentsAudio(fetch, segments, bitsPerSecond, { ...limits, ...changed })
}

/** What was handed on, and what was told of it. */
const readAll = async (audio: SegmentsAudio): Promise<{ text: string; progress: number[] }> => {
  const progress: number[] = []
  let text = ''
  for await (const bytes of audio.read(doneMs => progress.push(doneMs))) text += Buffer.from(bytes).toString()
  return { text, progress }
}

const delayed =
  (milliseconds: number, route: Route): Route =>
  async (request, response) => {
    await sleep(milliseconds)
    route(request, response)
  }

const routeAll = (count: number, route: (index: number) => Route): void => {
  for (let index = 0; index < count; index++) server.routes[`/${index}`] = route(index)
}

describe('a window', () => {
  test('comes in order, whichever segment is there first', async () => {
    routeAll(10, index => delayed(index % 3 === 0 ? 60 : 0, answer(`<${index}>`)))
    expect(await readAll(audioOf(segmentsOf(10)))).toEqual({
      text: '<0><1><2><3><4><5><6><7><8><9>',
      progress: [10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 80_000, 90_000, 100_000],
    })
  })

  test('is fetched by several requests at a time, and no more than it may', async () => {
    routeAll(12, index => delayed(20, answer(`<${index}>`)))
    await readAll(audioOf(segmentsOf(12)))
    expect(server.peak()).toBe(3)
  })

  test.each([
    { bitsPerSecond: 0, atOnce: 3, longest: 1_000 },
    { bitsPerSecond: 400, atOnce: 3, longest: 1_000 },
    { bitsPerSecond: 401, atOnce: 2, longest: 1_500 },
    { bitsPerSecond: 601, atOnce: 1, longest: 2_000 },
    { bitsPerSecond: 1_000_000, atOnce: 1, longest: 2_000 },
  ])(
    'that needs $bitsPerSecond bit/s is fetched $atOnce at a time, of $longest bytes at most',
    async ({ bitsPerSecond, atOnce, longest }) => {
      const read = () => readAll(audioOf(segmentsOf(6), { segmentBytes: 2_000 }, bitsPerSecond))
      routeAll(6, () => delayed(20, answer('a'.repeat(longest))))
      expect((await read()).text).toHaveLength(6 * longest)
      expect(server.peak()).toBe(atOnce)
      routeAll(6, () => answer('a'.repeat(longest + 1)))
      await expect(read()).rejects.toMatchObject({ reason: 'too_large' })
    },
  )

  test('is not fetched before it is read', async () => {
    routeAll(3, () => answer('a'))
    audioOf(segmentsOf(3)).read(() => {})
    await sleep(50)
    expect(server.received).toEqual([])
  })

  test('is fetched no further ahead of a slow reader than a few segments', async () => {
    routeAll(30, () => answer('a'))
    let read = 0
    for await (const _ of audioOf(segmentsOf(30)).read(() => {})) {
      read += 1
      await sleep(10)
      expect(server.received.length).toBeLessThanOrEqual(read + 3)
    }
    expect([read, server.received.length]).toEqual([30, 30])
  })

  test('counts as done only once the next is asked for', async () => {
    routeAll(2, () => answer('a'))
    const progress: number[] = []
    const iterator = audioOf(segmentsOf(2))
      .read(doneMs => progress.push(doneMs))
      [Symbol.asyncIterator]()
    await iterator.next()
    expect(progress).toEqual([])
    await iterator.next()
    expect(progress).toEqual([10_000])
    expect((await iterator.next()).done).toBe(true)
    expect(progress).toEqual([10_000, 20_000])
  })

  test('of fragments begins with what initialises them, and again where that changes', async () => {
    for (const path of ['/i', '/j']) server.routes[path] = answer(path)
    routeAll(5, index => answer(`<${index}>`))
    const segments = segmentsOf(5, index => ['/i', '/i', '/j', '/j', '/i'][index])
    expect(await readAll(audioOf(segments))).toEqual({
      text: '/i<0><1>/j<2><3>/i<4>',
      progress: [0, 10_000, 20_000, 20_000, 30_000, 40_000, 40_000, 50_000],
    })
  })

  test('of nothing is nothing', async () => {
    expect(await readAll(audioOf([]))).toEqual({ text: '', progress: [] })
  })
})

describe('a segment', () => {
  test.each([
    ['answers 500', answer('', 500)],
    ['closes the connection', drop],
    ['closes it in mid-body', cutOff],
    ['says nothing', hang],
    ['stalls in mid-body', stall],
  ])('is asked for again where the server first %s, and handed on once', async (_what, route) => {
    routeAll(4, index => (index === 1 ? inTurn(route, answer('<1>')) : answer(`<${index}>`)))
    expect((await readAll(audioOf(segmentsOf(4)))).text).toBe('<0><1><2><3>')
  })

  test.each([
    [403, { kind: 'failed', status: 403 }],
    [404, { kind: 'failed', status: 404 }],
    [206, { kind: 'failed', status: 206 }],
  ])('that is answered %i ends it, at once', async (status, failure) => {
    routeAll(3, index => (index === 1 ? answer('part', status) : answer('a')))
    await expect(readAll(audioOf(segmentsOf(3)))).rejects.toMatchObject(failure)
    expect(server.paths().filter(path => path === '/1')).toHaveLength(1)
  })

  test.each([
    ['says nothing', hang, 'timeout'],
    ['stalls', stall, 'timeout'],
    ['answers 503', answer('', 503), 'failed'],
  ])('ends it where the server always %s', async (_what, route, kind) => {
    routeAll(3, index => (index === 1 ? route : answer('a')))
    await expect(readAll(audioOf(segmentsOf(3), { segmentTimeoutMs: 100 }))).rejects.toMatchObject({ kind })
    expect(server.paths().filter(path => path === '/1')).toHaveLength(3)
  })

  test('of another host is not fetched', async () => {
    const [segment] = segmentsOf(1)
    const elsewhere = { ...segment, url: new URL('http://127.0.0.1:1/0') } as MediaSegment
    await expect(readAll(audioOf([elsewhere]))).rejects.toMatchObject({ reason: 'refused' })
  })

  test('that is too large ends it', async () => {
    routeAll(1, () => answer('a'.repeat(1_001)))
    await expect(readAll(audioOf(segmentsOf(1)))).rejects.toMatchObject({ reason: 'too_large' })
  })
})

test('more bytes than the speech vendor takes are not handed on', async () => {
  routeAll(4, () => answer('a'.repeat(100)))
  expect((await readAll(audioOf(segmentsOf(4), { totalBytes: 400 }))).text).toHaveLength(400)
  await expect(readAll(audioOf(segmentsOf(4), { totalBytes: 399 }))).rejects.toMatchObject({
    kind: 'too_long',
  })
})

describe('what is still being fetched is given up', () => {
  /** Leaves these without an answer, and tells when all of them have been closed. */
  const leaveOpen = (indexes: readonly number[]): Promise<unknown> =>
    Promise.all(
      indexes.map(
        index =>
          new Promise<void>(resolve => {
            server.routes[`/${index}`] = (_request, response) => void response.once('close', resolve)
          }),
      ),
    )

  const untilAsked = async (count: number): Promise<void> => {
    while (server.received.length < count) await sleep(5)
  }

  test('when the reader stops', async () => {
    server.routes['/0'] = answer('a')
    const closed = leaveOpen([1, 2, 3])
    for await (const _ of audioOf(segmentsOf(10), { segmentTimeoutMs: 60_000 }).read(() => {})) {
      await untilAsked(4)
      break
    }
    await closed
    expect(server.paths().sort()).toEqual(['/0', '/1', '/2', '/3'])
  })

  test('when the reader stops while it waits for a segment', async () => {
    server.routes['/0'] = answer('a')
    const closed = leaveOpen([1, 2, 3])
    const audio = audioOf(segmentsOf(10), { segmentTimeoutMs: 60_000 })
    const reader = ReadableStream.from(audio.read(() => {})).getReader()
    await reader.read()
    const waiting = reader.read()
    await untilAsked(4)
    await reader.cancel()
    expect((await waiting).done).toBe(true)
    await closed
    expect(server.paths().sort()).toEqual(['/0', '/1', '/2', '/3'])
  })

  test('when a segment fails', async () => {
    const closed = leaveOpen([1, 2])
    server.routes['/0'] = async (request, response) => {
      await untilAsked(3)
      answer('', 403)(request, response)
    }
    const read = readAll(audioOf(segmentsOf(10), { segmentTimeoutMs: 60_000 }))
    await expect(read).rejects.toMatchObject({ status: 403 })
    await closed
    expect(server.paths().sort()).toEqual(['/0', '/1', '/2'])
  })
})
