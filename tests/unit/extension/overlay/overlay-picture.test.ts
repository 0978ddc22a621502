import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CaptionState, CreditWarning, SessionView } from '../../../../extension/captions/view.ts'
import { pictureOf } from '../../../../extension/overlay/overlay-picture.ts'
import {
  newOverlay,
  type OverlayState,
  withFeedMessage,
  withFeedState,
  withNote,
  withSettings,
} from '../../../../extension/overlay/overlay-state.ts'
import type { OverlayPicture } from '../../../../extension/overlay/overlay-view.tsx'
import { endReasons } from '../../../../extension/transcript/model.ts'
import { useLocale } from '../ui/locale-messages.ts'

beforeEach(() => useLocale())
afterEach(() => {
  vi.unstubAllGlobals()
})

const inState = (state: CaptionState, own: Partial<SessionView> = {}): OverlayState =>
  withFeedMessage(
    withSettings(withFeedState(newOverlay(0), 'open', 0), undefined, false),
    {
      type: 'sessions',
      sessions: [
        {
          sessionId: 's',
          tabId: 1,
          page: { title: '', url: '' },
          startedAtMs: 0,
          state,
          partialText: '',
          partialStartMs: 0,
          ...own,
        },
      ],
    },
    0,
  )

const picture = (state: OverlayState, nowMs = 100): OverlayPicture =>
  pictureOf(state, { widthPx: 1_280, heightPx: 720 }, nowMs)

describe('an overlay', () => {
  it.each(endReasons)('says why captions have ended, and what they cost: %s', reason => {
    const { status, isStatusDismissable, hasControls } = picture(
      inState({ name: 'ended', reason, creditsUsed: 1 }),
    )
    expect(status?.sentence).toMatch(/^[A-Z].{20,}\. 1 credit was used\.$/)
    expect([isStatusDismissable, hasControls]).toEqual([true, false])
  })

  it('says what failed where that is known', () => {
    const problem = { code: 'allowance_spent', detail: '' }
    const { status } = picture(inState({ name: 'ended', reason: 'failed', problem }))
    expect(status?.sentence).toMatch(/^Captions have ended\. The connection broke too often/)
  })

  it('says what is wrong while captions run', () => {
    const problem = { code: 'storage_full', detail: '' }
    const { status, isStatusDismissable } = picture(inState({ name: 'live' }, { problem }), 10_000)
    expect(status?.sentence).toMatch(/^This computer has no room left/)
    expect(isStatusDismissable).toBe(false)
  })

  it('says for how long the line has been broken, and whether all that is said is kept', () => {
    const broken = (bufferedSeconds: number): OverlayPicture =>
      picture(inState({ name: 'reconnecting', sinceMs: 0, bufferedSeconds }), 75_000)
    expect(broken(74).status?.sentence).toContain('is captioned afterwards')
    expect(broken(30).status?.sentence).toContain('Only the last part')
    expect(broken(30).status?.counter).toBe('For 1 min so far.')
  })

  it('listens until there are words', () => {
    const state = inState({ name: 'live' })
    expect(picture(state).status?.sentence).toBe('Listening…')
    const segment = {
      sessionId: 's',
      index: 0,
      startMs: 0,
      endMs: 100,
      kind: 'speech',
      text: 'Words.',
    } as const
    const spoken = withFeedMessage(state, { type: 'segment', segment }, 100)
    expect(picture(spoken).status).toBeUndefined()
  })

  it('warns of credits in words, with the time that is left', () => {
    const warned = (warning: CreditWarning, secondsLeft: number): string | undefined =>
      picture(inState({ name: 'live' }, { warning, secondsLeft })).warning
    expect(warned('half', 720)).toBe(
      'Half of your credits are used. The rest pays for about 12 min of captions.',
    )
    expect(warned('last_minute', 44)).toBe('The last minute of your credits has begun.')
  })

  it('does not warn of credits any more when captions have ended', () => {
    const ended = inState({ name: 'ended', reason: 'credits_used_up' }, { warning: 'last_minute' })
    expect(picture(ended).warning).toBeUndefined()
  })

  it('marks a gap in words', () => {
    const gap = {
      sessionId: 's',
      index: 0,
      startMs: 0,
      endMs: 24_000,
      kind: 'gap',
      text: '',
      reason: 'offline',
    } as const
    const state = withFeedMessage(inState({ name: 'live' }), { type: 'segment', segment: gap }, 100)
    expect(picture(state).paragraphs).toEqual([
      { id: 0, text: '(Not captioned for 24 sec: there was no connection.)' },
    ])
  })

  it('that is hidden shows nothing but how to get it back', () => {
    const state = withNote({ ...inState({ name: 'paused' }), isHidden: true }, 'hidden', 0)
    const { status, warning, note, hasControls, isHidden } = picture(state)
    expect([status, warning, hasControls, isHidden]).toEqual([undefined, undefined, false, true])
    expect(note).toContain(chrome.i18n.getMessage('popup_show_overlay'))
    expect(picture(state, 12_000).note).toBeUndefined()
  })
})
