import { describe, expect, it } from 'vitest'
import type { SessionView } from '../../../../extension/captions/view.ts'
import { dismissed, warningAt, withSessionSeen } from '../../../../extension/overlay/credit-warning.ts'

const session = (own: Partial<SessionView>): SessionView => ({
  sessionId: 's',
  tabId: 1,
  page: { title: '', url: '' },
  startedAtMs: 0,
  state: { name: 'live' },
  partialText: '',
  partialStartMs: 0,
  ...own,
})
const unwarned = withSessionSeen(undefined, session({}), 60_000)
const half = session({ warning: 'half', secondsLeft: 600 })

describe('a warning about credits', () => {
  it('is shown for a while, with the time that was left when it was given', () => {
    const warned = withSessionSeen(unwarned, half, 61_000)
    const later = withSessionSeen(warned, { ...half, secondsLeft: 590 }, 71_000)
    expect(warningAt(later, 71_000)).toMatchObject({ warning: 'half', secondsLeft: 600 })
    expect(warningAt(later, 81_000)).toBeUndefined()
  })

  it('is given once, and then the next one', () => {
    const read = dismissed(withSessionSeen(unwarned, half, 61_000))
    expect(warningAt(withSessionSeen(read, half, 62_000), 62_000)).toBeUndefined()
    const next = withSessionSeen(read, session({ warning: 'three_quarters' }), 63_000)
    expect(warningAt(next, 63_000)?.warning).toBe('three_quarters')
  })

  it('is not given again on a page that comes to it late', () => {
    expect(warningAt(withSessionSeen(undefined, half, 60_000), 60_000)).toBeUndefined()
  })

  it('is given where captions have just begun with it', () => {
    const last = session({ warning: 'last_minute' })
    expect(warningAt(withSessionSeen(undefined, last, 2_000), 2_000)?.warning).toBe('last_minute')
  })
})
