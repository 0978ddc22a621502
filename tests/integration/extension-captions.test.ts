import { setTimeout as sleep } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../extension/captions/clock.ts'
import type { LiveApi } from '../../extension/captions/live-api.ts'
import { RefundCount } from '../../extension/captions/refund-count.ts'
import { CaptionSession } from '../../extension/captions/session.ts'
import { openWebSocket } from '../../extension/captions/socket.ts'
import { Problem } from '../../extension/messages/problem.ts'
import type { TranscriptSegment } from '../../extension/transcript/model.ts'
import { findFreePort } from '../../local/ports.ts'
import { decodeAudio, SAMPLE_RATE_HZ } from '../../local/recogniser/decode.ts'
import { createRecogniser, type Recogniser } from '../../local/recogniser/recogniser.ts'
import { assemblyAiStandIn } from '../../local/stand-ins/assemblyai/plugin.ts'
import { DomainError } from '../../src/domain/errors.ts'
import { AssemblyAiLiveSessions } from '../../src/upstream/assemblyai/live-sessions.ts'
import { connect } from '../support/database.ts'
import { createLedger, imbalance, openAccount, readBooks, type TestLedger } from '../support/ledger.ts'
import { createLive, type TestLive } from '../support/live.ts'
import { AUSTEN_0870, AUSTEN_0880, fixturePath } from '../support/speech.ts'
import { plainWords, wordErrorRate } from '../support/word-error-rate.ts'

/** The rules with seconds for minutes. */
const rules = {
  leaseSeconds: 12,
  shortestLeaseSeconds: 6,
  renewWindowSeconds: 4,
  redeemSeconds: 4,
  shortestSessionSeconds: 2,
  danglingSeconds: 60,
  allowancePerHour: 6,
  allowancePerDay: 6,
}
const frameSamples = SAMPLE_RATE_HZ / 10
const bonusCredits = 100

let recogniser: Recogniser
let server: FastifyInstance
let ledger: TestLedger
let backend: TestLive

beforeAll(async () => {
  recogniser = await createRecogniser()
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}/assemblyai`
  server = Fastify({ forceCloseConnections: true })
  await server.register(assemblyAiStandIn, {
    prefix: '/assemblyai',
    publicUrl: origin,
    minimumSessionSeconds: rules.shortestSessionSeconds,
    recogniser,
  })
  await server.listen({ port, host: '127.0.0.1' })
  ledger = createLedger(connect(), Date.now)
  const sessions = new AssemblyAiLiveSessions({
    apiKey: 'the-key',
    streamingUrl: origin,
    models: [{ language: 'en', model: 'universal-streaming-english' }],
    inactivitySeconds: 60,
  })
  backend = createLive(ledger, sessions, rules)
})

afterAll(async () => {
  await server.close()
  await recogniser.close()
})

/** The backend's routes for one listener; what it refuses comes as the client tells it. */
const apiOf = (userId: string): LiveApi => {
  const told = <Answer>(answer: Promise<Answer>): Promise<Answer> =>
    answer.catch((error: unknown) => {
      throw error instanceof DomainError ? new Problem({ code: error.code, detail: error.message }) : error
    })
  return {
    startLive: operationId =>
      told(backend.live.start({ userId, operationId, requestHash: 'AbCd1234', language: 'en' })),
    renewLive: (operationId, lease) => told(backend.live.renew(userId, operationId, lease)),
    stopLive: (operationId, endedAtMs) => told(backend.stops.stop(userId, operationId, endedAtMs)),
  }
}

const toPcm = (samples: Float32Array): Int16Array<ArrayBuffer> =>
  Int16Array.from(samples, sample => Math.round(Math.max(-1, Math.min(1, sample)) * 32_767))

/** Plays sound to captions as a tab does. */
async function play(session: CaptionSession, samples: Float32Array): Promise<void> {
  const startMs = performance.now()
  for (let at = 0; at + frameSamples <= samples.length; at += frameSamples) {
    await sleep(Math.max(0, startMs + ((at + frameSamples) / SAMPLE_RATE_HZ) * 1_000 - performance.now()))
    session.hear(toPcm(samples.subarray(at, at + frameSamples)), at)
  }
}

const joined = (parts: readonly Float32Array[]): Float32Array => {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

it('speech over three leases is captioned whole, each word once, and paid for by the second', async () => {
  const [long, short] = await Promise.all([
    decodeAudio(fixturePath('austen-0870.wav')),
    decodeAudio(fixturePath('austen-0880.wav')),
  ])
  const userId = await openAccount(ledger, Date.now(), bonusCredits)
  const segments: TranscriptSegment[] = []
  let moves = 0
  const session = new CaptionSession(
    {
      sessionId: v7(),
      tabId: 1,
      page: { title: 'Sense and Sensibility', url: 'https://example.com/' },
      account: 'ann',
      language: '',
      silence: { pauseAfterSeconds: 30, sensitivity: 'medium' },
      takeOver: false,
    },
    {
      clock: systemClock,
      random: Math.random,
      api: apiOf(userId),
      store: {
        createSession: async () => undefined,
        endSession: async () => undefined,
        appendSegment: async segment => ({ ...segment, index: segments.length }),
        putOperation: async () => undefined,
        openOperations: async () => [],
      },
      network: { isOnline: () => true, isReachable: async () => true },
      openSocket: openWebSocket,
      refunds: new RefundCount(),
      secondsPerCredit: async () => 6,
      creditsAvailable: async () => 0,
      onBalanceMoved: () => {
        moves += 1
      },
      onChanged: () => undefined,
      onSegment: segment => segments.push(segment),
    },
  )
  const sound = joined([long, short, long, short, long])
  const said = [AUSTEN_0870, AUSTEN_0880, AUSTEN_0870, AUSTEN_0880, AUSTEN_0870].join(' ')

  await session.begin()
  await play(session, sound)
  await session.end('stopped')

  const heard = segments.map(({ text }) => text).join(' ')
  expect(wordErrorRate(said, heard), heard).toBeLessThan(0.1)
  for (const word of ['dashwood', 'leisure', 'prudently']) expect(times(word, heard), heard).toBe(3)
  // Where nobody pauses, two sessions of this recogniser can time a short word so differently that it stands twice.
  expect(times('young', heard) - 2, heard).toBeOneOf([0, 1])
  expect(segments.every(({ kind }) => kind === 'speech')).toBe(true)
  const seconds = sound.length / SAMPLE_RATE_HZ
  const { account, usage } = await readBooks(ledger, userId)
  expect(imbalance(await readBooks(ledger, userId))).toBe(0)
  expect(account.holds).toEqual({})
  expect(account.allowanceUses.length).toBeLessThanOrEqual(1)
  const used = bonusCredits - account.creditsBalance
  expect(session.view.state).toMatchObject({ name: 'ended', reason: 'stopped', creditsUsed: used })
  expect(used).toBeGreaterThanOrEqual(Math.ceil(seconds / 6))
  expect(used).toBeLessThanOrEqual(Math.ceil(seconds / 6) + 1)
  expect(usage).toHaveLength(1)
  expect(moves).toBeGreaterThanOrEqual(4)
})

const times = (word: string, text: string): number => plainWords(text).filter(other => other === word).length
