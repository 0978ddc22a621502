import { afterAll, beforeAll, expect, test } from 'vitest'
import { AssemblyAiLiveSessions } from '../../src/upstream/assemblyai/live-sessions.ts'
import { startSilentAssemblyAi } from '../support/assemblyai-stand-in.ts'
import { openStream, type Stream } from '../support/streaming.ts'

const asked = { redeemSeconds: 60, sessionSeconds: 330 }
const failed = { name: 'UpstreamError', vendor: 'assemblyai', kind: 'failed' }

let standIn: Awaited<ReturnType<typeof startSilentAssemblyAi>>

beforeAll(async () => {
  standIn = await startSilentAssemblyAi({ apiKey: 'the-key' })
})

afterAll(() => standIn.close())

const sessionsWith = (apiKey = 'the-key') =>
  new AssemblyAiLiveSessions({
    apiKey,
    streamingUrl: standIn.origin,
    models: [
      { language: 'en', model: 'universal-streaming-english' },
      { language: 'multi', model: 'universal-streaming-multilingual' },
    ],
    inactivitySeconds: 60,
  })

const failTokens = async (status: number): Promise<void> => {
  await fetch(`${standIn.origin}/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fail_tokens: { count: 1, status } }),
  })
}

/** What a session says first. */
const firstMessageOf = async (stream: Stream) => {
  await expect.poll(() => stream.received.length).toBeGreaterThan(0)
  return stream.received[0]?.message
}

test.each(['en', 'multi'])(
  'a token and the address of %s open a session that ends when it was asked to',
  async language => {
    const sessions = sessionsWith()
    const token = await sessions.mintToken(asked)
    const stream = await openStream(`${sessions.address(language)}&token=${token}`)
    const begin = await firstMessageOf(stream)
    expect(begin).toMatchObject({ type: 'Begin' })
    const response = await fetch(`${standIn.origin}/sessions`)
    expect(await response.json()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ token_id: token.slice(0, 8), cap_seconds: 330, close_code: null }),
      ]),
    )
    await stream.terminate()
  },
)

test('the address alone opens none', async () => {
  const stream = await openStream(sessionsWith().address('en'))
  expect(await stream.closed).toMatchObject({ code: 1008 })
})

test('no token is minted with a wrong key', async () => {
  await expect(sessionsWith('another-key').mintToken(asked)).rejects.toMatchObject(failed)
})

test.each([
  ['sooner than the vendor caps', { redeemSeconds: 60, sessionSeconds: 59 }],
  ['later than the vendor lets it', { redeemSeconds: 601, sessionSeconds: 330 }],
])('no token is minted whose session ends or begins %s', async (_what, request) => {
  await expect(sessionsWith().mintToken(request)).rejects.toMatchObject(failed)
})

test.each([429, 500, 503])('no token is minted where the vendor answers %i', async status => {
  await failTokens(status)
  await expect(sessionsWith().mintToken(asked)).rejects.toMatchObject(failed)
  expect(await sessionsWith().mintToken(asked)).toMatch(/^[\w-]+$/)
})
