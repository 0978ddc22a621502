import { describe, expect, it } from 'vitest'
import { captionedTabsAfter, isBalanceMoved } from '../../../../extension/background/captioned-tabs.ts'
import { tabOf, viewOf } from './samples.ts'

describe('the captioned tabs, after the offscreen document has told of its sessions', () => {
  it('have their sessions as they are now, without what is being said', () => {
    const told = [viewOf({ state: { name: 'paused' }, partialText: 'well' })]
    expect(captionedTabsAfter([tabOf()], told)).toEqual([tabOf({ state: { name: 'paused' } })])
  })

  it('keep what is known of a session besides', () => {
    const before = [tabOf({}, { overlayRefused: true, endSeen: true })]
    expect(captionedTabsAfter(before, [viewOf()])).toEqual(before)
  })

  it('were broken off where they ran and nothing is told of them', () => {
    const [tab] = captionedTabsAfter([tabOf()], [])
    expect(tab?.view.state).toEqual({ name: 'ended', reason: 'broken_off' })
  })

  it('have never begun where they were starting and nothing is told of them', () => {
    const starting = captionedTabsAfter([], [viewOf({ state: { name: 'starting' } })])
    expect(starting).toHaveLength(1)
    expect(captionedTabsAfter(starting, [])).toEqual([])
  })

  it('were broken off where they were starting again after a pause', () => {
    const paused = captionedTabsAfter([], [viewOf({ state: { name: 'paused' } })])
    const starting = captionedTabsAfter(paused, [viewOf({ state: { name: 'starting' } })])
    const [tab] = captionedTabsAfter(starting, [])
    expect(tab?.view.state).toEqual({ name: 'ended', reason: 'broken_off' })
  })

  it('stay ended as they were where nothing is told of them any more', () => {
    const ended = tabOf({ state: { name: 'ended', reason: 'stopped', creditsUsed: 3 } })
    expect(captionedTabsAfter([ended], [])).toEqual([ended])
  })

  it('show the latest session of a tab', () => {
    const old = viewOf({ state: { name: 'ended', reason: 'stopped' } })
    const latest = viewOf({ sessionId: 's2', startedAtMs: 2_000 })
    expect(captionedTabsAfter([], [latest, old])).toEqual([tabOf({ sessionId: 's2', startedAtMs: 2_000 })])
  })

  it('are one for each tab', () => {
    const other = viewOf({ sessionId: 's2', tabId: 2 })
    expect(captionedTabsAfter([tabOf()], [viewOf(), other])).toEqual([
      tabOf(),
      tabOf({ sessionId: 's2', tabId: 2 }),
    ])
  })

  it('leave out a tab that was closed', () => {
    const closed = viewOf({ state: { name: 'ended', reason: 'tab_closed' } })
    expect(captionedTabsAfter([tabOf()], [closed])).toEqual([])
  })
})

describe('the balance', () => {
  it.each([
    ['begin', [], [tabOf()]],
    ['pause', [tabOf()], [tabOf({ state: { name: 'paused' } })]],
    [
      'are paid for',
      [tabOf({ state: { name: 'ended', reason: 'stopped' } })],
      [tabOf({ state: { name: 'ended', reason: 'stopped', creditsUsed: 2 } })],
    ],
    ['near their end', [tabOf()], [tabOf({ warning: 'half' })]],
  ])('has moved where captions %s', (_, before, after) => {
    expect(isBalanceMoved(before, after)).toBe(true)
  })

  it('has not moved where they just go on', () => {
    expect(isBalanceMoved([tabOf({ secondsLeft: 60 })], [tabOf({ secondsLeft: 50 })])).toBe(false)
  })
})
