import { describe, expect, it } from 'vitest'
import { badgeOf } from '../../../../extension/background/badge.ts'
import type { EndReason } from '../../../../extension/transcript/model.ts'
import { tabOf } from './samples.ts'

const ended = (reason: EndReason, endSeen = false) =>
  badgeOf(tabOf({ state: { name: 'ended', reason } }, { endSeen }))

describe('the icon of a captioned tab', () => {
  it('says that captions are on', () => {
    expect(badgeOf(tabOf())).toMatchObject({ sign: 'popup_badge_live', title: ['popup_title_live'] })
  })

  it.each([
    [{ name: 'starting' }, 'popup_badge_waiting', 'popup_title_starting'],
    [{ name: 'paused' }, 'popup_badge_paused', 'popup_title_paused'],
    [{ name: 'stopping' }, 'popup_badge_waiting', 'popup_title_stopping'],
    [
      { name: 'reconnecting', sinceMs: 0, bufferedSeconds: 0 },
      'popup_badge_waiting',
      'popup_title_reconnecting',
    ],
  ] as const)('says where they stand: %o', (state, sign, title) => {
    expect(badgeOf(tabOf({ state }))).toMatchObject({ sign, title: [title] })
  })

  it('says besides how many credits are used, and that the page shows no captions', () => {
    const badge = badgeOf(tabOf({ warning: 'half' }, { overlayRefused: true }))
    expect(badge.title).toEqual(['popup_title_live', 'popup_warning_half', 'popup_title_overlay_refused'])
  })

  it.each(['stopped', 'tab_closed', 'signed_out'] as const)(
    'says nothing of an end as wanted: %s',
    reason => {
      expect(ended(reason).sign).toBeUndefined()
    },
  )

  it.each(['credits_used_up', 'broken_off', 'taken_over', 'no_sound', 'failed'] as const)(
    'says why captions ended unasked: %s',
    reason => {
      expect(ended(reason)).toMatchObject({ sign: 'popup_badge_problem', title: [`popup_ended_${reason}`] })
    },
  )

  it('says no more of an end that was seen', () => {
    expect(ended('failed', true).sign).toBeUndefined()
  })
})
