import type { CaptionedTab } from '../../../../extension/background/stored.ts'
import type { SessionView } from '../../../../extension/captions/view.ts'

export const viewOf = (changes: Partial<SessionView> = {}): SessionView => ({
  sessionId: 's1',
  tabId: 1,
  page: { title: 'A talk', url: 'https://example.com/talk' },
  startedAtMs: 1_000,
  state: { name: 'live' },
  partialText: '',
  partialStartMs: 0,
  ...changes,
})

export const tabOf = (changes: Partial<SessionView> = {}, tab: Partial<CaptionedTab> = {}): CaptionedTab => ({
  view: viewOf(changes),
  begun: true,
  overlayRefused: false,
  endSeen: false,
  ...tab,
})
