import type { Clock } from '../captions/clock.ts'
import type { FeedMessage } from '../captions/feed.ts'

/** The pauses before each new try to connect. */
const retryPausesMs = [300, 1_000, 2_000, 4_000, 8_000]
/** Who has connected and hears nothing for so long has connected to nobody. */
const firstMessageMs = 3_000
/** After this long the tries are counted anew. */
const steadyMs = 10_000

/** How the feed stands: `unanswered` after a try that failed, while others follow; `lost` after the last. */
export type FeedState = 'connecting' | 'open' | 'unanswered' | 'lost'

/** What is needed of `chrome.runtime.Port`. */
export interface FeedPort {
  readonly onMessage: { addListener(listener: (message: unknown) => void): void }
  readonly onDisconnect: { addListener(listener: () => void): void }
  disconnect(): void
}

export interface FeedListener {
  /** May throw, where the extension is gone. */
  connect(): FeedPort
  onMessage(message: FeedMessage): void
  onState(state: FeedState): void
}

export interface Feed {
  /** Connects anew, as if for the first time. */
  restart(): void
  stop(): void
}

/** Follows the feed of captions: connects again a few times, with growing pauses, where it breaks off. */
export function followFeed(listener: FeedListener, clock: Clock): Feed {
  let failures = 0
  let end = connect()

  function restart(): void {
    end()
    failures = 0
    end = connect()
  }

  function connect(): () => void {
    listener.onState(failures < 2 ? 'connecting' : 'unanswered')
    return openFeed(listener, clock, wasSteady => {
      if (wasSteady) failures = 0
      const pauseMs = retryPausesMs[failures]
      failures += 1
      if (pauseMs === undefined) return listener.onState('lost')
      end = clock.after(pauseMs, () => {
        end = connect()
      })
    })
  }

  return { restart, stop: () => end() }
}

/** One connection, until it breaks off. Gives what ends it. */
function openFeed(listener: FeedListener, clock: Clock, onBroken: (wasSteady: boolean) => void): () => void {
  let openedAtMs: number | undefined
  let isOver = false
  const port = tryConnecting(listener)
  const cancelWait = clock.after(port ? firstMessageMs : 0, () => {
    port?.disconnect()
    broken()
  })

  function broken(): void {
    if (isOver) return
    close()
    onBroken(openedAtMs !== undefined && clock.now() - openedAtMs >= steadyMs)
  }

  function close(): void {
    isOver = true
    cancelWait()
  }

  function hear(message: unknown): void {
    if (isOver || !isFeedMessage(message)) return
    if (openedAtMs === undefined) {
      openedAtMs = clock.now()
      cancelWait()
      listener.onState('open')
    }
    listener.onMessage(message)
  }

  port?.onMessage.addListener(hear)
  port?.onDisconnect.addListener(broken)
  return () => {
    close()
    port?.disconnect()
  }
}

function tryConnecting(listener: FeedListener): FeedPort | undefined {
  try {
    return listener.connect()
  } catch {
    return undefined
  }
}

/** The offscreen document alone sends them: their kind is looked at, no more. */
function isFeedMessage(message: unknown): message is FeedMessage {
  if (typeof message !== 'object' || message === null || !('type' in message)) return false
  if (message.type === 'sessions') return 'sessions' in message && Array.isArray(message.sessions)
  return message.type === 'segment' && 'segment' in message
}
