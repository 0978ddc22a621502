import type { TabAudio, TabAudioOptions } from '../capture/tab-audio.ts'
import { Problem } from '../messages/problem.ts'
import type { SilenceSettings } from '../settings/model.ts'
import type { EndReason } from '../transcript/model.ts'
import { FeedHub } from './feed-hub.ts'
import { CaptionSession, type SessionDependencies, type SessionRequest } from './session.ts'
import type { SessionView } from './view.ts'

export interface BeginRequest extends SessionRequest {
  /** Of `chrome.tabCapture`: good for a few seconds. */
  readonly streamId: string
  /** Without a slash at its end. */
  readonly apiUrl: string
}

export interface EngineDependencies
  extends Omit<SessionDependencies, 'onChanged' | 'onSegment' | 'api' | 'network'> {
  openSound(options: TabAudioOptions): Promise<TabAudio>
  /** The backend, spoken to for one account alone, and the way to it. */
  backend(apiUrl: string, account: string): Pick<SessionDependencies, 'api' | 'network'>
  /** A session has begun or gone, its state has changed, or a warning was given. */
  onNews(views: readonly SessionView[]): void
}

/** How long it is still shown why captions ended. */
const shownAfterEndMs = 60_000

interface Entry {
  readonly session: CaptionSession
  sound?: TabAudio
}

/** The captions of all tabs: one at a time is running, and those that ended just now can still be seen. */
export class Engine {
  readonly feed: FeedHub
  readonly #deps: EngineDependencies
  readonly #entries = new Map<string, Entry>()

  constructor(deps: EngineDependencies) {
    this.#deps = deps
    this.feed = new FeedHub(deps.clock, () => this.views)
  }

  get views(): readonly SessionView[] {
    return [...this.#entries.values()].map(({ session }) => session.view)
  }

  /**
   * Captures a tab's sound and begins its captions. Is fulfilled once they are paid for.
   *
   * @throws {Problem} why there are none; no session is left then
   */
  async begin(request: BeginRequest): Promise<void> {
    if (this.#running().length > 0) throw new Problem(captionsElsewhere)
    for (const { sessionId } of this.views.filter(view => view.tabId === request.tabId))
      this.#remove(sessionId)
    const session = this.#newSession(request)
    const entry: Entry = { session }
    this.#entries.set(request.sessionId, entry)
    this.#tellNews()
    try {
      entry.sound = await this.#openSound(session, request.streamId)
      await session.begin()
    } catch (error) {
      void entry.sound?.close()
      session.abandon()
      this.#remove(request.sessionId)
      throw error
    }
  }

  /** Ends a tab's captions. Is fulfilled once what was said is stored, and the backend was told or can't be. */
  async end(tabId: number, reason: EndReason): Promise<void> {
    const running = this.#running().filter(({ session }) => session.view.tabId === tabId)
    await Promise.all(running.map(({ session }) => session.end(reason)))
  }

  configure(silence: SilenceSettings): void {
    for (const { session } of this.#running()) session.configure(silence)
  }

  #newSession(request: BeginRequest): CaptionSession {
    const { sessionId, apiUrl, account } = request
    return new CaptionSession(request, {
      ...this.#deps,
      ...this.#deps.backend(apiUrl, account),
      onChanged: isNews => this.#onChanged(sessionId, isNews),
      onSegment: segment => this.feed.segment(segment),
    })
  }

  async #openSound(session: CaptionSession, streamId: string): Promise<TabAudio> {
    try {
      return await this.#deps.openSound({
        streamId,
        onSamples: (samples, sampleIndex) => session.hear(samples, sampleIndex),
        onGap: missingMs => session.missed(missingMs),
        onEnded: reason => void session.end(reason === 'track_ended' ? 'tab_closed' : 'no_sound'),
      })
    } catch (cause) {
      throw new Problem(captureRefused, { cause })
    }
  }

  #onChanged(sessionId: string, isNews: boolean): void {
    const entry = this.#entries.get(sessionId)
    if (!entry) return
    this.feed.changed()
    if (!isNews) return
    this.#tellNews()
    const { name } = entry.session.view.state
    if (name === 'stopping' || name === 'ended') void entry.sound?.close()
    if (name === 'ended') this.#deps.clock.after(shownAfterEndMs, () => this.#remove(sessionId))
  }

  #remove(sessionId: string): void {
    if (!this.#entries.delete(sessionId)) return
    this.feed.forget(sessionId)
    this.#tellNews()
  }

  #tellNews(): void {
    this.#deps.onNews(this.views)
  }

  #running(): Entry[] {
    return [...this.#entries.values()].filter(({ session }) => !session.isOver)
  }
}

const captionsElsewhere = {
  code: 'captions_elsewhere',
  detail: 'Captions run in another tab. Stop them there first.',
}

const captureRefused = {
  code: 'capture_refused',
  detail: 'The browser did not give the sound of this tab. Nothing was charged. Click again.',
}
