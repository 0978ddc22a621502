import 'fake-indexeddb/auto'
import { v7 as uuid } from 'uuid'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createAssistant } from '../../../../extension/panel/assistant/assistant.ts'
import { createPanelState } from '../../../../extension/panel/panel-state.ts'
import { openTranscriptStore } from '../../../../extension/transcript/indexed-db.ts'
import type { TranscriptStore } from '../../../../extension/transcript/store.ts'
import { view } from './sessions/view.ts'
import { segment } from './transcript/segment.ts'

let store: TranscriptStore

const never = () => new Promise<never>(() => undefined)

const open = () =>
  createPanelState(
    store,
    createAssistant({
      store,
      account: async () => 'listener@example.com https://api.example',
      apiOf: () => ({ ask: never, catchup: never, catchupState: never }),
      segmentsOf: async () => [],
      newOperationId: uuid,
      nowMs: Date.now,
      wait: () => Promise.resolve(),
      onSpent: () => undefined,
    }),
  )

/** A session that is stored, with some segments. @param ageMs how long ago it began */
async function stored(count: number, ageMs: number): Promise<string> {
  const sessionId = uuid()
  const startedAtMs = Date.now() - ageMs
  await store.createSession({ sessionId, page: { title: 'Talk', url: 'https://a.example/' }, startedAtMs })
  for (let index = 0; index < count; index++) {
    const { index: _, ...rest } = segment(index, { sessionId })
    await store.appendSegment(rest)
  }
  return sessionId
}

const textsOf = (panel: ReturnType<typeof open>) =>
  panel.transcript.value?.segments.value.map(({ text }) => text)

beforeEach(async () => {
  store = await openTranscriptStore()
  await store.clear()
})

describe('the panel', () => {
  it('shows the newest transcript with all that was said in it', async () => {
    await stored(1, 5_000)
    const newest = await stored(2, 1_000)
    const panel = open()
    await vi.waitFor(() => expect(textsOf(panel)).toEqual(['segment 0', 'segment 1']))
    expect(panel.shown.value?.sessionId).toBe(newest)
  })

  it('goes over to captions that begin, and adds what is said', async () => {
    await stored(1, 5_000)
    const panel = open()
    await vi.waitFor(() => expect(panel.shown.value).toBeDefined())
    const live = await stored(1, 0)
    panel.hear({ type: 'sessions', sessions: [view(live)] })
    panel.hear({ type: 'segment', segment: segment(1, { sessionId: live }) })
    await vi.waitFor(() => expect(textsOf(panel)).toEqual(['segment 0', 'segment 1']))
  })

  it('stays with the transcript that is being read, and says that captions run', async () => {
    const old = await stored(1, 5_000)
    const panel = open()
    panel.choose(old)
    const live = await stored(0, 0)
    panel.hear({ type: 'sessions', sessions: [view(live)] })
    panel.hear({ type: 'segment', segment: segment(0, { sessionId: live, text: 'elsewhere' }) })
    await vi.waitFor(() => expect(textsOf(panel)).toEqual(['segment 0']))
    expect(panel.elsewhere.value?.sessionId).toBe(live)
  })

  it('knows how captions ended from the store when nobody tells of them any more', async () => {
    const sessionId = await stored(1, 1_000)
    const panel = open()
    panel.hear({ type: 'sessions', sessions: [view(sessionId)] })
    await store.endSession(sessionId, Date.now(), 'tab_closed')
    panel.hearNothing()
    await vi.waitFor(() => expect(panel.shown.value?.state).toEqual({ name: 'ended', reason: 'tab_closed' }))
  })

  it('shows another transcript once the one that was shown is deleted', async () => {
    const other = await stored(1, 5_000)
    const deleted = await stored(1, 1_000)
    const panel = open()
    panel.hear({
      type: 'sessions',
      sessions: [view(deleted, { state: { name: 'ended', reason: 'stopped' } })],
    })
    await vi.waitFor(() => expect(panel.shown.value?.sessionId).toBe(deleted))
    await panel.remove(deleted)
    expect(panel.shown.value?.sessionId).toBe(other)
    expect(await store.session(deleted)).toBeUndefined()
  })

  it('says what is wrong where the store cannot be read, and looks again when told to', async () => {
    const readable = store.sessions.bind(store)
    const sessions = vi.spyOn(store, 'sessions').mockRejectedValue(new Error('disk'))
    const panel = open()
    await vi.waitFor(() => expect(panel.problem.value).toBeDefined())
    sessions.mockImplementation(readable)
    await panel.refresh()
    expect(panel.problem.value).toBeUndefined()
    expect(panel.stored.value).toEqual([])
  })
})
