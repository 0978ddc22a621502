import { setTimeout as sleep } from 'node:timers/promises'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LeaseResponse } from '../../src/contracts/live-captions.ts'
import { liveSeconds } from '../../src/domain/price-list.ts'
import { AssemblyAiLiveSessions } from '../../src/upstream/assemblyai/live-sessions.ts'
import { startSilentAssemblyAi } from '../support/assemblyai-stand-in.ts'
import { connect } from '../support/database.ts'
import { createLedger, imbalance, openAccount, readBooks, type TestLedger } from '../support/ledger.ts'
import { createLive, type TestLive } from '../support/live.ts'
import { boundSeconds } from '../support/lying-client.ts'
import { openStream, type Stream } from '../support/streaming.ts'

/** The rules with seconds for minutes. A full lease costs two credits. */
const rules = {
  leaseSeconds: 12,
  shortestLeaseSeconds: 6,
  renewWindowSeconds: 4,
  redeemSeconds: 4,
  shortestSessionSeconds: 2,
  danglingSeconds: 60,
  allowancePerHour: 2,
  allowancePerDay: 3,
}
const bonusCredits = 100
const capReached = 3008
const refused = 1008

/** A session as the stand-in lists it. */
interface Session {
  readonly token_id: string | null
  readonly cap_seconds: number
  readonly open_seconds: number
  readonly close_code: number | null
}

let standIn: Awaited<ReturnType<typeof startSilentAssemblyAi>>
let ledger: TestLedger
let captions: TestLive

beforeAll(async () => {
  standIn = await startSilentAssemblyAi({
    minimumSessionSeconds: rules.shortestSessionSeconds,
  })
  ledger = createLedger(connect(), Date.now)
  const sessions = new AssemblyAiLiveSessions({
    apiKey: 'the-key',
    streamingUrl: standIn.origin,
    models: [{ language: 'en', model: 'universal-streaming-english' }],
    inactivitySeconds: 60,
  })
  captions = createLive(ledger, sessions, rules)
})

afterAll(() => standIn.close())

/** A client with an account of its own that opens sockets at the stand-in. */
const openClient = async () => {
  const userId = await openAccount(ledger, Date.now(), bonusCredits)
  const sockets: Stream[] = []
  const tokenIds: (string | null)[] = []
  const socketOf = ({ websocket_url, token }: LeaseResponse) => openStream(`${websocket_url}&token=${token}`)
  return {
    start: (key: string) =>
      captions.live.start({ userId, operationId: key, requestHash: 'AbCd1234', language: 'en' }),
    renew: (key: string, lease: number) => captions.live.renew(userId, key, lease),
    stop: (key: string, endedAtMs?: number) => captions.stops.stop(userId, key, endedAtMs),

    /** Opens a lease's socket, and leaves it open. */
    async listen(lease: LeaseResponse): Promise<void> {
      tokenIds.push(lease.token.slice(0, 8))
      sockets.push(await socketOf(lease))
    },

    /** Tries a lease's token again, or too late. @returns how the stand-in closed the socket */
    async tryAgain(lease: LeaseResponse): Promise<{ code: number; reason: string }> {
      const socket = await socketOf(lease)
      return socket.closed
    },

    /** Waits until every socket was closed, and answers how long they were open and what was paid. */
    async reckon() {
      const closed = await Promise.all(sockets.map(socket => socket.closed))
      expect(closed.map(({ code }) => code)).toEqual(sockets.map(() => capReached))
      const response = await fetch(`${standIn.origin}/sessions`)
      const all = (await response.json()) as Session[]
      const sessions = all.filter(session => tokenIds.includes(session.token_id))
      expect(sessions, 'a token opens one session').toHaveLength(sockets.length)
      for (const session of sessions) {
        expect(session).toMatchObject({ close_code: capReached })
        expect(session.open_seconds).toBeGreaterThan(session.cap_seconds - 1)
        expect(session.open_seconds).toBeLessThan(session.cap_seconds + 5)
      }
      const books = await readBooks(ledger, userId)
      expect(imbalance(books)).toBe(0)
      return {
        allowanceUses: books.account.allowanceUses.length,
        paidSeconds: liveSeconds(bonusCredits - books.account.creditsBalance),
        sessionSeconds: sessions.reduce((sum, session) => sum + session.cap_seconds, 0),
      }
    },
  }
}

type Client = Awaited<ReturnType<typeof openClient>>

/** What a machine that is busy with other tests may lose of a client's sessions. */
const lostSeconds = 2 * rules.renewWindowSeconds

/** What a client must have paid, used and listened to; and that it is within the bound. */
const expectReckoning = async (
  client: Client,
  { sessionSeconds, ...expected }: Awaited<ReturnType<Client['reckon']>>,
): Promise<void> => {
  const reckoned = await client.reckon()
  expect(reckoned).toMatchObject(expected)
  expect(reckoned.sessionSeconds).toBeLessThanOrEqual(sessionSeconds)
  expect(reckoned.sessionSeconds).toBeGreaterThan(sessionSeconds - lostSeconds)
  const freeSeconds = reckoned.sessionSeconds - reckoned.paidSeconds
  expect(freeSeconds).toBeLessThanOrEqual(boundSeconds(reckoned.allowanceUses, reckoned.paidSeconds, rules))
}

const untilRenewalOf = (lease: LeaseResponse): Promise<void> =>
  sleep(Math.max(0, Date.parse(lease.renew_from) - Date.now()))

/** The session of a lease that was renewed at once: what was left of the one before is the window. */
const renewedSeconds = rules.leaseSeconds + rules.renewWindowSeconds

/** Side by side: those that last longest come first, since only a few run at once. */
describe.concurrent('against the stand-in, a client', () => {
  it('that renews and vanishes listens on for the window', async () => {
    const client = await openClient()
    const key = v7()
    const first = await client.start(key)
    await client.listen(first)
    await untilRenewalOf(first)
    await client.listen(await client.renew(key, 2))
    await expectReckoning(client, {
      allowanceUses: 0,
      paidSeconds: 24,
      sessionSeconds: 12 + renewedSeconds,
    })
  })

  it('that repeats its start and its renewal gets the allowance, side by side, and no more', async () => {
    const client = await openClient()
    const key = v7()
    const first = await client.start(key)
    const again = await client.start(key)
    await Promise.all([first, again].map(client.listen))
    await untilRenewalOf(first)
    const second = await client.renew(key, 2)
    const secondAgain = await client.renew(key, 2)
    await Promise.all([second, secondAgain].map(client.listen))
    await expect(client.renew(key, 2)).rejects.toMatchObject({ code: 'allowance_spent' })
    await expectReckoning(client, {
      allowanceUses: 2,
      paidSeconds: 24,
      sessionSeconds: 24 + 2 * renewedSeconds,
    })
  })

  it('that takes its renewal back listens on for that lease and the window, by the allowance', async () => {
    const client = await openClient()
    const key = v7()
    const first = await client.start(key)
    await client.listen(first)
    await untilRenewalOf(first)
    await client.listen(await client.renew(key, 2))
    await client.stop(key, 0)
    await expectReckoning(client, {
      allowanceUses: 1,
      paidSeconds: 12,
      sessionSeconds: 12 + renewedSeconds,
    })
  })

  it('that stops at once keeps its sockets, and is given back what the allowance gives', async () => {
    const client = await openClient()
    for (let round = 0; round < 3; round++) {
      const key = v7()
      await client.listen(await client.start(key))
      await client.stop(key)
    }
    await expectReckoning(client, { allowanceUses: 2, paidSeconds: 6 + 6 + 12, sessionSeconds: 36 })
  })

  it('that never stops is cut off when what it paid for is over', async () => {
    const client = await openClient()
    await client.listen(await client.start(v7()))
    await expectReckoning(client, { allowanceUses: 0, paidSeconds: 12, sessionSeconds: 12 })
  })

  it('that hoards its tokens finds them refused, and so does one that replays them', async () => {
    const client = await openClient()
    const key = v7()
    const hoarded = await client.start(key)
    const used = await client.start(key)
    await client.listen(used)
    expect(await client.tryAgain(used)).toMatchObject({
      code: refused,
      reason: expect.stringContaining('already been used'),
    })
    await sleep(rules.redeemSeconds * 1_000)
    expect(await client.tryAgain(hoarded)).toMatchObject({
      code: refused,
      reason: expect.stringContaining('expired'),
    })
    await expectReckoning(client, { allowanceUses: 1, paidSeconds: 12, sessionSeconds: 12 })
  })

  it('that says that it ended long ago listens on, by the allowance', async () => {
    const client = await openClient()
    const key = v7()
    await client.listen(await client.start(key))
    await sleep(1_000)
    await client.stop(key, Date.now() - 3_600_000)
    await expectReckoning(client, { allowanceUses: 1, paidSeconds: 6, sessionSeconds: 12 })
  })
})
