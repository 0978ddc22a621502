import { describe, expect, it } from 'vitest'
import { type StartPorts, startCaptions } from '../../../../extension/background/start-captions.ts'
import { settingsSchema } from '../../../../extension/settings/model.ts'
import { MemoryEngine, problem } from './memory-engine.ts'

const account = 'listener@example.com https://api.example'
const page = { title: 'A talk', url: 'https://example.com/talk' }

/** A listener who has done all that captions need, and what differs. */
function listener(differs: Partial<StartPorts> = {}) {
  const engine = new MemoryEngine()
  let streams = 0
  const ports: StartPorts = {
    engine,
    consented: async () => true,
    account: async () => account,
    mayCapture: async () => true,
    page: async () => page,
    streamId: async tabId => {
      streams += 1
      return `stream ${streams} of ${tabId}`
    },
    settings: async () => ({
      settings: settingsSchema.parse({ language: 'es' }),
      apiUrl: 'https://api.example',
    }),
    newSessionId: () => 'new',
    ...differs,
  }
  return { engine, ports }
}

const here = { tabId: 1, takeOver: false }
const refused = (code: string) => ({ view: { code } })

describe('captions', () => {
  it('begin with the page, the settings and the sound of the tab', async () => {
    const { engine, ports } = listener()
    expect(await startCaptions(ports, here)).toBe('new')
    expect(engine.begun).toEqual([
      {
        sessionId: 'new',
        tabId: 1,
        streamId: 'stream 1 of 1',
        page,
        apiUrl: 'https://api.example',
        account,
        language: 'es',
        silence: { pauseAfterSeconds: 30, sensitivity: 'medium' },
        takeOver: false,
      },
    ])
  })

  it('know the Twitch channel of their page', async () => {
    const url = 'https://www.twitch.tv/speaks'
    const { engine, ports } = listener({ page: async () => ({ title: 'Speaks', url }) })
    await startCaptions(ports, here)
    expect(engine.begun[0]?.page).toEqual({ title: 'Speaks', url, channel: 'speaks' })
  })

  it.each<[string, Partial<StartPorts>]>([
    ['consent_needed', { consented: async () => false, account: async () => undefined }],
    ['signed_out', { account: async () => undefined, mayCapture: async () => false }],
    ['permission_needed', { mayCapture: async () => false, page: async () => undefined }],
    ['page_refused', { page: async () => undefined }],
    ['page_refused', { page: async () => ({ title: 'Settings', url: 'chrome://settings' }) }],
    ['capture_refused', { streamId: () => Promise.reject(new Error('not invoked')) }],
  ])('do not begin, for what is missing first: %s', async (code, differs) => {
    const { engine, ports } = listener(differs)
    await expect(startCaptions(ports, here)).rejects.toMatchObject(refused(code))
    expect(engine.begun).toEqual([])
  })

  it('do not begin where consent is withdrawn while others are being ended', async () => {
    let agreed = true
    const { engine, ports } = listener({ consented: async () => agreed })
    engine.run({ tabId: 2 })
    const end = engine.end.bind(engine)
    engine.end = async (...ending) => {
      await end(...ending)
      agreed = false
    }
    await expect(startCaptions(ports, { tabId: 1, takeOver: true })).rejects.toMatchObject(
      refused('consent_needed'),
    )
    expect(engine.begun).toEqual([])
  })

  it('are what runs already in the tab', async () => {
    const { engine, ports } = listener()
    engine.run({ sessionId: 'running', tabId: 1, state: { name: 'paused' } })
    expect(await startCaptions(ports, here)).toBe('running')
    expect(engine.begun).toEqual([])
  })

  it('begin again once those of the tab that are stopping have stopped', async () => {
    const { engine, ports } = listener()
    engine.run({ sessionId: 'old', tabId: 1, state: { name: 'stopping' } })
    expect(await startCaptions(ports, here)).toBe('new')
    expect(engine.ended).toEqual([[1, 'stopped']])
  })

  it('wait for a word where others run in another tab', async () => {
    const { engine, ports } = listener()
    engine.run({ tabId: 2 })
    await expect(startCaptions(ports, here)).rejects.toMatchObject(refused('captions_elsewhere'))
    expect(engine.ended).toEqual([])
  })

  it('take over from another tab, with a stream that is got after that has ended', async () => {
    const { engine, ports } = listener()
    engine.run({ tabId: 2 })
    await startCaptions(ports, { tabId: 1, takeOver: true })
    expect(engine.ended).toEqual([[2, 'taken_over']])
    expect(engine.begun[0]).toMatchObject({ streamId: 'stream 2 of 1', takeOver: true })
  })

  it('end nothing elsewhere where the sound of this tab can not be had', async () => {
    const { engine, ports } = listener({ streamId: () => Promise.reject(new Error('not invoked')) })
    engine.run({ tabId: 2 })
    await expect(startCaptions(ports, { tabId: 1, takeOver: true })).rejects.toMatchObject(
      refused('capture_refused'),
    )
    expect(engine.ended).toEqual([])
  })

  it('need no word where those in another tab have ended, or are about to', async () => {
    const { engine, ports } = listener()
    engine.run({ sessionId: 'a', tabId: 2, state: { name: 'ended', reason: 'stopped' } })
    engine.run({ sessionId: 'b', tabId: 3, state: { name: 'stopping' } })
    expect(await startCaptions(ports, here)).toBe('new')
  })

  it('say what the engine says', async () => {
    const { engine, ports } = listener()
    engine.refusal = problem('live_already_open')
    await expect(startCaptions(ports, here)).rejects.toMatchObject(refused('live_already_open'))
  })
})
