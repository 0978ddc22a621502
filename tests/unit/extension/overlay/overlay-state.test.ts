import { describe, expect, it } from 'vitest'
import type { FeedMessage } from '../../../../extension/captions/feed.ts'
import type { SessionView } from '../../../../extension/captions/view.ts'
import { shownCaptions } from '../../../../extension/overlay/caption-lines.ts'
import {
  hasNothingToShow,
  newOverlay,
  type OverlayState,
  overlayChangeAtMs,
  withFeedMessage,
  withFeedState,
  withNote,
  withSettings,
} from '../../../../extension/overlay/overlay-state.ts'
import { defaultPlacement, defaultStyle } from '../../../../extension/overlay/placement.ts'

const startedAtMs = 1_000_000
const settings = {
  style: defaultStyle,
  placement: defaultPlacement,
  hidden: false,
  announceCaptions: false,
}

const sessions = (...own: Partial<SessionView>[]): FeedMessage => ({
  type: 'sessions',
  sessions: own.map(view => ({
    sessionId: 's',
    tabId: 1,
    page: { title: '', url: '' },
    startedAtMs,
    state: { name: 'live' },
    partialText: '',
    partialStartMs: 0,
    ...view,
  })),
})

const segment = (index: number, endMs: number, text: string, sessionId = 's'): FeedMessage => ({
  type: 'segment',
  segment: { sessionId, index, startMs: endMs - 900, endMs, kind: 'speech', text },
})

/** An overlay that connects at a moment and is told this then. */
const told = (atMs: number, ...messages: FeedMessage[]): OverlayState =>
  messages.reduce(
    (state, message) => withFeedMessage(state, message, atMs),
    withFeedState(newOverlay(atMs), 'open', atMs),
  )

const texts = (state: OverlayState, nowMs: number): string[] =>
  shownCaptions(state.lines, nowMs).paragraphs.map(({ text }) => text)

describe('an overlay', () => {
  it('that connects shows what was said just now, and nothing of long ago', () => {
    const nowMs = startedAtMs + 60_000
    const state = told(nowMs, sessions({}), segment(7, 30_000, 'Long ago.'), segment(8, 58_000, 'Just now.'))
    expect(texts(state, nowMs)).toEqual(['Just now.'])
  })

  it('shows what was said long ago where it is told of it now, as after a broken line', () => {
    const nowMs = startedAtMs + 60_000
    const state = told(nowMs, sessions({}))
    const late = withFeedMessage(state, segment(7, 30_000, 'Long ago.'), nowMs + 5_000)
    expect(texts(late, nowMs + 5_000)).toEqual(['Long ago.'])
  })

  it('that connects again shows nothing twice', () => {
    const nowMs = startedAtMs + 10_000
    const state = told(nowMs, sessions({}), segment(0, 9_000, 'Once.'))
    const again = withFeedMessage(
      withFeedState(state, 'open', nowMs + 500),
      segment(0, 9_000, 'Once.'),
      nowMs + 500,
    )
    expect(texts(again, nowMs + 500)).toEqual(['Once.'])
  })

  it('shows the newest session of its tab, and forgets the words of the one before', () => {
    const nowMs = startedAtMs + 10_000
    const first = told(
      nowMs,
      sessions({ state: { name: 'ended', reason: 'stopped' } }),
      segment(0, 9_000, 'First.'),
    )
    const both = withFeedMessage(
      first,
      sessions(
        { sessionId: 's2', startedAtMs: nowMs },
        { state: { name: 'ended', reason: 'stopped' }, partialText: 'old' },
      ),
      nowMs,
    )
    expect(both.session?.sessionId).toBe('s2')
    expect(both.condition.condition.name).toBe('live')
    const spoken = withFeedMessage(both, segment(1, 9_900, 'Late.', 's'), nowMs)
    expect(texts(spoken, nowMs)).toEqual([])
    expect(texts(withFeedMessage(spoken, segment(0, 900, 'Second.', 's2'), nowMs), nowMs)).toEqual([
      'Second.',
    ])
  })

  it('reads out final words only, and only where it is asked to', () => {
    const nowMs = startedAtMs + 10_000
    const silent = told(nowMs, sessions({}), segment(0, 9_000, 'Unasked.'))
    expect(silent.announcements).toEqual([])
    const asked = withSettings(silent, { ...settings, announceCaptions: true }, false)
    const partial = withFeedMessage(asked, sessions({ partialText: 'and', partialStartMs: 9_500 }), nowMs)
    const final = withFeedMessage(partial, segment(1, 10_000, 'And on.'), nowMs)
    expect(final.announcements).toEqual([{ id: 1, text: 'And on.' }])
  })

  it('goes where its tab has no captions, or when their end has been told or dismissed', () => {
    expect(hasNothingToShow(told(0, sessions()), 4_999)).toBe(false)
    expect(hasNothingToShow(told(0, sessions()), 5_000)).toBe(true)
    const ended = told(0, sessions({ state: { name: 'ended', reason: 'failed' } }))
    expect(hasNothingToShow(ended, 10_000)).toBe(false)
    expect(hasNothingToShow({ ...ended, isStatusDismissed: true }, 10_000)).toBe(true)
    expect(hasNothingToShow(ended, 20_000)).toBe(true)
    const live = told(0, sessions({}))
    expect(hasNothingToShow({ ...live, isStatusDismissed: true }, 600_000)).toBe(false)
  })

  it('says that captions have ended where the engine knows of them no longer', () => {
    const lost = withFeedMessage(told(0, sessions({})), sessions(), 1_000)
    expect(lost.condition.condition.name).toBe('lost')
    const ended = told(0, sessions({ state: { name: 'ended', reason: 'stopped' } }))
    expect(withFeedMessage(ended, sessions(), 1_000).condition.condition.name).toBe('ended')
  })

  it('says that the extension does not answer, but not of captions that had ended before', () => {
    const live = told(0, sessions({}))
    expect(withFeedState(live, 'connecting', 1_000).condition.condition.name).toBe('live')
    expect(withFeedState(live, 'unanswered', 1_000).condition.condition.name).toBe('unanswered')
    const ended = told(0, sessions({ state: { name: 'ended', reason: 'stopped' } }))
    expect(withFeedState(ended, 'lost', 1_000).condition.condition).toEqual({
      name: 'ended',
      reason: 'stopped',
    })
  })

  it('says a new condition after an earlier one was dismissed', () => {
    const dismissed = { ...told(0, sessions({ state: { name: 'paused' } })), isStatusDismissed: true }
    const same = withFeedMessage(dismissed, sessions({ state: { name: 'paused' }, secondsLeft: 9 }), 1_000)
    expect(same.isStatusDismissed).toBe(true)
    expect(withFeedMessage(same, sessions({}), 2_000).isStatusDismissed).toBe(false)
  })
})

describe("the listener's settings", () => {
  it('are waited for before anything is shown, and done without if nobody answers', () => {
    expect(newOverlay(0).isHidden).toBe(true)
    expect(withSettings(newOverlay(0), undefined, false).isHidden).toBe(false)
    expect(withSettings(newOverlay(0), { ...settings, hidden: true }, false).isHidden).toBe(true)
  })

  it('do not move captions from under the hand that is moving them', () => {
    const placement = { ...defaultPlacement, centreX: 0.1 }
    const kept = withSettings(newOverlay(0), { ...settings, placement }, true)
    expect(kept.layout.placement).toEqual(defaultPlacement)
    expect(withSettings(kept, { ...settings, placement }, false).layout.placement).toEqual(placement)
  })

  it('take the note away that captions are hidden when they are not any more', () => {
    const hidden = withNote(newOverlay(0), 'hidden', 0)
    expect(withSettings(hidden, { ...settings, hidden: true }, false).note?.name).toBe('hidden')
    expect(withSettings(hidden, settings, false).note).toBeUndefined()
    expect(withSettings(withNote(hidden, 'stop_refused', 0), settings, false).note?.name).toBe('stop_refused')
  })
})

it('an overlay is drawn again when the first of its parts changes by itself', () => {
  const quiet = told(0, sessions({}))
  expect(overlayChangeAtMs(quiet, 60_000)).toBeUndefined()
  const spoken = withFeedMessage(quiet, segment(0, 900, 'Said.'), 60_000)
  expect(overlayChangeAtMs(spoken, 60_000)).toBe(66_000)
  expect(overlayChangeAtMs(withNote(spoken, 'hidden', 50_000), 60_000)).toBe(62_000)
})
