import { describe, expect, it } from 'vitest'
import { afterGone, afterSessions, nothingKnown } from '../../../../../extension/panel/sessions/views.ts'
import { view } from './view.ts'

const ended = { name: 'ended', reason: 'failed' } as const

describe('what is known of captions', () => {
  it('is nothing before the first word', () => {
    expect(nothingKnown.known).toBe(false)
  })

  it('is what was told last', () => {
    const live = afterSessions(nothingKnown, [view('a')])
    expect(afterSessions(live, [view('a', { state: { name: 'paused' } })]).views).toMatchObject([
      { sessionId: 'a', state: { name: 'paused' } },
    ])
  })

  it('keeps how captions ended when nobody tells of them any more', () => {
    const both = afterSessions(nothingKnown, [view('a', { state: ended }), view('b')])
    expect(afterSessions(both, [view('c')]).views).toMatchObject([
      { sessionId: 'a', state: ended },
      { sessionId: 'c' },
    ])
    expect(afterGone(both)).toMatchObject({ known: true, views: [{ sessionId: 'a' }] })
  })
})
