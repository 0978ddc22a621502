import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CatchupJob } from '../../../../src/domain/ports.ts'
import { summaryJobSchema } from '../../../../src/handlers/catchup-jobs.ts'
import { LambdaCatchupQueue } from '../../../../src/upstream/lambda/catchup-queue.ts'
import { windowOf } from '../../support/fake-vendors.ts'
import { jsonOf, startVendorServer, type VendorServer } from '../../support/vendor-server.ts'

const ownTranscript: CatchupJob = {
  kind: 'segments',
  userId: 'user-1',
  operationId: 'operation-1',
  holdExpiresAtMs: 1_764_000_000_000,
  segments: [{ start_ms: 0, end_ms: 900, text: 'Fünfzig.' }],
}

let vendor: VendorServer

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  vendor = await startVendorServer()
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await vendor.close()
})

beforeEach(() => {
  vendor.received.length = 0
})

const start = (job: CatchupJob = ownTranscript): Promise<void> =>
  new LambdaCatchupQueue({
    region: 'us-east-1',
    endpoint: vendor.url,
    fetchFunction: 'fetch-1',
    workerFunction: 'worker-1',
  }).start(job)

test('a job is handed over as an event, which nobody waits for', async () => {
  vendor.replies = [{ status: 202, body: '' }]
  await start()
  expect(vendor.received).toHaveLength(1)
  expect(vendor.received[0]).toMatchObject({
    method: 'POST',
    url: '/2015-03-31/functions/worker-1/invocations',
  })
  expect(vendor.received[0]?.headers['x-amz-invocation-type']).toBe('Event')
  expect(jsonOf(vendor.received[0])).toEqual(ownTranscript)
})

test('what is to be fetched goes to the function that fetches, and what was heard to the worker', async () => {
  vendor.replies = [{ status: 202, body: '' }]
  const attempt = { userId: 'user-1', operationId: 'operation-1', holdExpiresAtMs: 1_764_000_000_000 }
  await start({ kind: 'channel', ...attempt, channel: 'speaks', minutes: 30 })
  const heard = { requestHash: 'AbCd-_12', window: windowOf(), transcriptId: 'transcript-1' }
  await start({ kind: 'transcript', ...attempt, ...heard })
  expect(vendor.received.map(({ url }) => url)).toEqual([
    '/2015-03-31/functions/fetch-1/invocations',
    '/2015-03-31/functions/worker-1/invocations',
  ])
  expect(summaryJobSchema.parse(jsonOf(vendor.received[1]))).toEqual({
    kind: 'transcript',
    ...attempt,
    ...heard,
  })
})

describe('a job that is not taken', () => {
  test.each([
    ['is refused', { status: 403, body: { Type: 'User', message: 'Not yours.' } }],
    ['is too large', { status: 413, body: { Type: 'User', message: 'Too large.' } }],
    ['names no function', { status: 404, body: { Type: 'User', Message: 'No such function.' } }],
  ])('because it %s is a failure', async (_why, reply) => {
    vendor.replies = [reply]
    await expect(start()).rejects.toMatchObject({ name: 'UpstreamError', vendor: 'lambda', kind: 'failed' })
  })

  test('is not handed over again: the first time may have been taken after all', async () => {
    vendor.replies = [
      { status: 500, body: { Type: 'Service', message: 'Later.' } },
      { status: 202, body: '' },
    ]
    await expect(start()).rejects.toMatchObject({ vendor: 'lambda', kind: 'failed' })
    expect(vendor.received).toHaveLength(1)
  })

  test('since it is more than an invocation carries is too long, and is not sent', async () => {
    vendor.replies = [{ status: 202, body: '' }]
    const segment = { start_ms: 0, end_ms: 900, text: '长'.repeat(30) }
    const segments = (count: number) => ({
      ...ownTranscript,
      segments: Array.from({ length: count }, () => segment),
    })
    await start(segments(7_000))
    await expect(start(segments(10_000))).rejects.toMatchObject({ vendor: 'lambda', kind: 'too_long' })
    expect(vendor.received).toHaveLength(1)
  })
})
