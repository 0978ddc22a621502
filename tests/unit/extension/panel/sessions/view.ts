import type { SessionView } from '../../../../../extension/captions/view.ts'

/** Captions that are live, in tab 1. */
export const view = (sessionId: string, changes: Partial<SessionView> = {}): SessionView => ({
  sessionId,
  tabId: 1,
  page: { title: `Page of ${sessionId}`, url: 'https://a.example/' },
  startedAtMs: 1_000,
  state: { name: 'live' },
  partialText: '',
  partialStartMs: 0,
  ...changes,
})
