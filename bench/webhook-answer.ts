import { createServer } from 'node:http'
import { findFreePort } from '../local/ports.ts'
import { toRecording } from '../src/domain/recording-window.ts'
import { createHandler } from '../src/handlers/webhook-assemblyai.ts'
import { LambdaCatchupQueue } from '../src/upstream/lambda/catchup-queue.ts'
import { call } from '../tests/unit/support/api-event.ts'
import { windowOf } from '../tests/unit/support/fake-vendors.ts'
import { createApi } from '../tests/unit/support/test-api.ts'

const callBacks = 500
const warmUps = 50
const secret = 'ours'

process.env.AWS_ACCESS_KEY_ID ??= 'bench'
process.env.AWS_SECRET_ACCESS_KEY ??= 'bench'

/** Takes every invocation at once, as Lambda does an asynchronous one. */
const startLambda = async () => {
  const port = await findFreePort()
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(202).end())
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return { endpoint: `http://127.0.0.1:${port}`, server }
}

const quantile = (sorted: readonly number[], share: number): number =>
  Number((sorted[Math.ceil(share * sorted.length) - 1] ?? 0).toFixed(2))

const api = createApi()
const { endpoint, server } = await startLambda()
const queue = new LambdaCatchupQueue({
  region: 'us-east-1',
  endpoint,
  fetchFunction: 'fetch',
  workerFunction: 'worker',
})
const handler = createHandler({
  ...api,
  queue,
  secretHeader: 'x-callback-secret',
  isOurSecret: given => given === secret,
})

const callBack = async (): Promise<number> => {
  const startedMs = performance.now()
  const { statusCode } = await call(handler, {
    method: 'POST',
    headers: { 'x-callback-secret': secret },
    query: {
      kind: 'catchup',
      user_id: 'user',
      operation_id: api.clock.id(),
      hold_expires_at_ms: '1764000000000',
      request_hash: 'hash',
      recording: JSON.stringify(toRecording(windowOf())),
    },
    body: { transcript_id: 'transcript', status: 'completed' },
  })
  if (statusCode !== 200) throw new Error(`The call-back was answered ${statusCode}.`)
  return performance.now() - startedMs
}

const times: number[] = []
for (let i = 0; i < warmUps + callBacks; i++) {
  const milliseconds = await callBack()
  if (i >= warmUps) times.push(milliseconds)
}
server.closeAllConnections()
server.close()
times.sort((a, b) => a - b)
console.log("AssemblyAI's call-back for a channel, from the request to our answer; Lambda on loopback.")
console.table([
  {
    'call-backs': callBacks,
    'p50 ms': quantile(times, 0.5),
    'p95 ms': quantile(times, 0.95),
    'max ms': quantile(times, 1),
  },
])
