import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { booksOf, findListener } from '../../ops/books.ts'
import { clockOf } from '../../ops/clock.ts'
import { Adjustments } from '../../src/domain/adjustments.ts'
import { connect, engineEndpoint } from '../support/database.ts'
import { createLedger, openAccount } from '../support/ledger.ts'

const hourMs = 3_600_000
/** How far this machine's clock is ahead of AWS's. */
let aheadMs = 0
const awsNow = (): number => Date.now() - aheadMs

let server: Server

/** The engine with AWS's clock. */
beforeAll(async () => {
  server = createServer((incoming, answer) => {
    const { method = 'POST', headers } = incoming
    const passed = request(engineEndpoint(), { method, headers }, response => {
      answer.writeHead(response.statusCode ?? 500, {
        ...response.headers,
        date: new Date(awsNow()).toUTCString(),
      })
      response.pipe(answer)
    })
    incoming.pipe(passed)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})

afterAll(() => server.close())

const readAnything = (database: ReturnType<typeof connect>) =>
  findListener(booksOf({ target: { database }, now: Date.now, progress: () => undefined }), v7()).catch(
    () => undefined,
  )

const reached = (): ReturnType<typeof connect> => {
  const { port } = server.address() as AddressInfo
  return connect(`http://127.0.0.1:${port}`)
}

it.each([
  ['two hours', 2 * hourMs],
  // Too little for AWS to refuse a signature: the time of its answers alone tells of it.
  ['three minutes', 180_000],
])('ends nothing early on an account whose operator has a clock that is %s ahead', async (_, ms) => {
  aheadMs = ms
  const functions = createLedger(connect(), awsNow)
  const userId = await openAccount(functions, awsNow())
  await functions.ledger.grant(userId, {
    transactionId: `invoice#${v7()}`,
    credits: 40,
    expiresAtMs: awsNow() + 150_000,
    source: 'plus',
  })
  await functions.ledger.open({
    userId,
    operationId: v7({ msecs: awsNow() }),
    service: 'ask_agent',
    credits: 5,
    requestHash: 'hash',
    holdMs: 60_000,
  })
  const database = reached()
  const books = booksOf({ target: { database }, now: clockOf(database), progress: () => undefined })
  const { userId: found } = await findListener(books, userId)
  await new Adjustments(books).adjust(found, {
    transaction_id: v7(),
    credits: 10,
    reason: 'Sorry',
    actor: 'arn:aws:iam::123456789012:user/ann',
  })
  const account = await functions.store.readAccount(userId)
  expect(account).toMatchObject({ creditsBalance: 210, grants: { g0: { remaining: 35 } } })
  expect(Object.keys(account?.holds ?? {})).toHaveLength(1)
})

it.each([
  ['ahead', 180_000],
  ['behind', -180_000],
])(
  'tells the time of AWS on a machine whose clock is %s, within the second that AWS tells',
  async (_, ms) => {
    aheadMs = ms
    const database = reached()
    const now = clockOf(database)
    await readAnything(database)
    expect(Math.abs(now() - awsNow())).toBeLessThan(1_500)
  },
)
