import type { TranscriptSegment } from '../transcript/model.ts'
import type { Clock } from './clock.ts'
import type { FeedMessage } from './feed.ts'
import type { SessionView } from './view.ts'

/** A screen that shows captions. */
export interface FeedListener {
  /** Only this tab's sessions are told; all where it is absent. */
  readonly tabId?: number
  /** Where it throws, nothing more is told. */
  post(message: FeedMessage): void
}

const everyMs = 100
const recentSegments = 10

/** Tells the screens of captions as they come. */
export class FeedHub {
  readonly #clock: Clock
  readonly #views: () => readonly SessionView[]
  readonly #listeners = new Set<FeedListener>()
  readonly #recent = new Map<string, TranscriptSegment[]>()
  #toldAtMs = Number.NEGATIVE_INFINITY
  #isDue = false

  /** @param views the sessions as they are now */
  constructor(clock: Clock, views: () => readonly SessionView[]) {
    this.#clock = clock
    this.#views = views
  }

  /** Tells a screen what there is, and from then on what comes. Gives what ends it. */
  add(listener: FeedListener): () => void {
    this.#listeners.add(listener)
    this.#tellViews(listener)
    for (const { sessionId } of this.#seenBy(listener)) {
      for (const segment of this.#recent.get(sessionId) ?? [])
        this.#post(listener, { type: 'segment', segment })
    }
    return () => this.#listeners.delete(listener)
  }

  /** Some session has changed, begun or gone. It is told at most ten times a second. */
  changed(): void {
    if (this.#isDue) return
    this.#isDue = true
    const waitMs = this.#toldAtMs + everyMs - this.#clock.elapsedMs()
    if (waitMs <= 0) this.#tell()
    else this.#clock.after(waitMs, () => this.#tell())
  }

  /** A segment is final. */
  segment(segment: TranscriptSegment): void {
    const recent = this.#recent.get(segment.sessionId) ?? []
    this.#recent.set(segment.sessionId, [...recent, segment].slice(-recentSegments))
    for (const listener of this.#listeners) {
      const isSeen = this.#seenBy(listener).some(view => view.sessionId === segment.sessionId)
      if (isSeen) this.#post(listener, { type: 'segment', segment })
    }
  }

  /** A session is gone. */
  forget(sessionId: string): void {
    this.#recent.delete(sessionId)
    this.changed()
  }

  #tell(): void {
    this.#isDue = false
    this.#toldAtMs = this.#clock.elapsedMs()
    for (const listener of this.#listeners) this.#tellViews(listener)
  }

  #tellViews(listener: FeedListener): void {
    this.#post(listener, { type: 'sessions', sessions: this.#seenBy(listener) })
  }

  #seenBy({ tabId }: FeedListener): readonly SessionView[] {
    return this.#views().filter(view => tabId === undefined || view.tabId === tabId)
  }

  #post(listener: FeedListener, message: FeedMessage): void {
    try {
      listener.post(message)
    } catch {
      this.#listeners.delete(listener)
    }
  }
}
