import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals'
import type { FeedMessage } from '../captions/feed.ts'
import type { ProblemView, SessionView } from '../captions/view.ts'
import { problemOf } from '../messages/problem.ts'
import type { TranscriptSession } from '../transcript/model.ts'
import type { TranscriptStore } from '../transcript/store.ts'
import type { Assistant } from './assistant/assistant.ts'
import {
  runningElsewhere,
  type ShownSession,
  shownSession,
  shownSessionId,
} from './sessions/shown-session.ts'
import { afterGone, afterSessions, nothingKnown, type Views } from './sessions/views.ts'
import { createTranscript, type Transcript } from './transcript/transcript.ts'

/** What the panel shows, wherever it comes from. */
export interface PanelState {
  readonly assistant: Assistant
  /** All transcripts that are stored, newest first; undefined before they have been read. */
  readonly stored: ReadonlySignal<readonly TranscriptSession[] | undefined>
  /** Why what is stored can't be read. */
  readonly problem: ReadonlySignal<ProblemView | undefined>
  readonly views: ReadonlySignal<Views>
  readonly shown: ReadonlySignal<ShownSession | undefined>
  /** Captions that run while another transcript is shown. */
  readonly elsewhere: ReadonlySignal<SessionView | undefined>
  readonly transcript: ReadonlySignal<Transcript | undefined>
  /** The tab that the panel stands beside. */
  readonly currentTabId: Signal<number | undefined>
  choose(sessionId: string): void
  /** Deletes a transcript with all that was asked about it. @throws {Problem} */
  remove(sessionId: string): Promise<void>
  hear(message: FeedMessage): void
  /** The offscreen document is not there, or not any more. */
  hearNothing(): void
  /** Reads anew what is stored. */
  refresh(): Promise<void>
}

export function createPanelState(store: TranscriptStore, assistant: Assistant): PanelState {
  const stored = signal<readonly TranscriptSession[]>()
  const sessionsProblem = signal<ProblemView>()
  const requestsProblem = signal<ProblemView>()
  const views = signal<Views>(nothingKnown)
  const chosenId = signal<string>()
  const currentTabId = signal<number>()

  const readSessions = (): Promise<void> =>
    noting(sessionsProblem, async () => {
      stored.value = await store.sessions()
    })
  const readRequests = (sessionId: string | undefined): Promise<void> =>
    noting(requestsProblem, () => assistant.load(sessionId))

  const shownId = computed(() =>
    shownSessionId({
      views: views.value,
      stored: stored.value ?? [],
      chosenId: chosenId.value,
      currentTabId: currentTabId.value,
    }),
  )
  const shown = computed(() =>
    shownId.value === undefined
      ? undefined
      : shownSession(shownId.value, { views: views.value, stored: stored.value ?? [] }),
  )
  const transcript = computed(() =>
    shownId.value === undefined ? undefined : createTranscript(shownId.value, store),
  )
  effect(() => {
    const current = transcript.value
    untracked(() => {
      void current?.refresh()
      void readRequests(current?.sessionId)
    })
  })

  /** What has begun or ended is in the store as well. */
  const beginningsAndEnds = computed(() =>
    views.value.views.map(({ sessionId, state }) => `${sessionId} ${state.name === 'ended'}`).join(),
  )
  effect(() => {
    void beginningsAndEnds.value
    untracked(() => void readSessions())
  })
  void readRequests(undefined)

  return {
    assistant,
    stored,
    problem: computed(() => sessionsProblem.value ?? requestsProblem.value),
    views,
    shown,
    elsewhere: computed(() => runningElsewhere(views.value, shownId.value)),
    transcript,
    currentTabId,
    choose: sessionId => {
      chosenId.value = sessionId
    },
    remove: async sessionId => {
      await store.deleteSession(sessionId)
      views.value = { ...views.value, views: views.value.views.filter(view => view.sessionId !== sessionId) }
      await readSessions()
    },
    hear: message => {
      if (message.type === 'sessions') views.value = afterSessions(views.value, message.sessions)
      else if (message.segment.sessionId === shownId.value) transcript.value?.take(message.segment)
    },
    hearNothing: () => {
      views.value = afterGone(views.value)
    },
    refresh: async () => {
      await Promise.all([
        readSessions(),
        readRequests(undefined),
        readRequests(shownId.value),
        transcript.value?.refresh(),
      ])
    },
  }
}

/** Does some work and notes what is wrong, if anything is. */
async function noting(problem: Signal<ProblemView | undefined>, work: () => Promise<void>): Promise<void> {
  try {
    await work()
    problem.value = undefined
  } catch (error) {
    problem.value = problemOf(error).view
  }
}
