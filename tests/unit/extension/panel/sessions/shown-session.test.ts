import { describe, expect, it } from 'vitest'
import {
  runningElsewhere,
  shownSession,
  shownSessionId,
} from '../../../../../extension/panel/sessions/shown-session.ts'
import type { TranscriptSession } from '../../../../../extension/transcript/model.ts'
import { view } from './view.ts'

const stored = (sessionId: string, changes: Partial<TranscriptSession> = {}): TranscriptSession => ({
  sessionId,
  page: { title: sessionId, url: 'https://a.example/' },
  startedAtMs: 500,
  ...changes,
})
const known = (...views: ReturnType<typeof view>[]) => ({ known: true, views })
const ended = { name: 'ended', reason: 'stopped' } as const
const choice = { views: known(), stored: [], chosenId: undefined, currentTabId: 1 }

describe('the session that is shown', () => {
  it('is the one that the listener chose', () => {
    expect(
      shownSessionId({ ...choice, views: known(view('live')), stored: [stored('old')], chosenId: 'old' }),
    ).toBe('old')
  })

  it('is no longer the chosen one once that is deleted', () => {
    expect(shownSessionId({ ...choice, stored: [stored('other')], chosenId: 'deleted' })).toBe('other')
  })

  it('is the one that runs in the current tab, before one that runs elsewhere', () => {
    const views = known(view('elsewhere', { tabId: 2, startedAtMs: 9_000 }), view('here'))
    expect(shownSessionId({ ...choice, views })).toBe('here')
    expect(shownSessionId({ ...choice, views, currentTabId: 7 })).toBe('elsewhere')
  })

  it('is the newest where none runs', () => {
    const views = known(view('ended', { state: ended, startedAtMs: 700 }))
    expect(shownSessionId({ ...choice, views, stored: [stored('older')] })).toBe('ended')
    expect(shownSessionId({ ...choice, views, stored: [stored('newer', { startedAtMs: 800 })] })).toBe(
      'newer',
    )
  })

  it('is none where there is none', () => {
    expect(shownSessionId(choice)).toBeUndefined()
  })
})

describe('its state', () => {
  const stateOf = (session: TranscriptSession, views = known()) =>
    shownSession(session.sessionId, { views, stored: [session] })?.state

  it('is what is told of it', () => {
    expect(stateOf(stored('a'), known(view('a', { state: { name: 'paused' } })))).toEqual({ name: 'paused' })
  })

  it('is how it ended', () => {
    expect(stateOf(stored('a', { endedAtMs: 900, endReason: 'tab_closed' }))).toEqual({
      name: 'ended',
      reason: 'tab_closed',
    })
  })

  it('is broken off where it has no end and does not run, once that is known', () => {
    expect(stateOf(stored('a'))).toEqual({ name: 'ended', reason: 'broken_off' })
    expect(stateOf(stored('a'), { known: false, views: [] })).toBeUndefined()
  })
})

it('knows of captions that run while another transcript is read', () => {
  const views = known(view('ended', { state: ended }), view('live'))
  expect(runningElsewhere(views, 'ended')?.sessionId).toBe('live')
  expect(runningElsewhere(views, 'live')).toBeUndefined()
})
