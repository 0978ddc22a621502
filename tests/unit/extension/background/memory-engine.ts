import type { Engine } from '../../../../extension/background/start-captions.ts'
import type { SessionView } from '../../../../extension/captions/view.ts'
import { Problem } from '../../../../extension/messages/problem.ts'
import { viewOf } from './samples.ts'

/** An offscreen document that captions nothing. */
export class MemoryEngine implements Engine {
  views: SessionView[] = []
  isOpen = false
  readonly begun: Parameters<Engine['begin']>[0][] = []
  readonly ended: [tabId: number, reason: string][] = []
  /** What the next beginning comes to. */
  refusal: Problem | undefined
  /** How captions stand that have just begun. */
  beginsAs: SessionView['state'] = { name: 'live' }
  /** How long ending takes. */
  ending: Promise<unknown> = Promise.resolve()

  /** How long the next look takes to be answered. */
  looking: Promise<unknown> | undefined

  async sessions(): Promise<readonly SessionView[]> {
    const { looking, views } = this
    this.looking = undefined
    await looking
    return this.isOpen ? views : []
  }

  async begin(request: Parameters<Engine['begin']>[0]): Promise<void> {
    this.isOpen = true
    this.begun.push(request)
    if (this.refusal) throw this.refusal
    const { sessionId, tabId } = request
    const startedAtMs = this.begun.length * 1_000
    this.views.push(viewOf({ sessionId, tabId, startedAtMs, state: this.beginsAs }))
  }

  async end(tabId: number, reason: Parameters<Engine['end']>[1]): Promise<void> {
    this.ended.push([tabId, reason])
    await this.ending
    this.views = this.views.map(view =>
      view.tabId === tabId && view.state.name !== 'ended'
        ? { ...view, state: { name: 'ended', reason } }
        : view,
    )
  }

  async close(): Promise<void> {
    this.die()
  }

  /** The browser takes it away. */
  die(): void {
    this.isOpen = false
    this.views = []
  }

  /** Captions that run already. */
  run(view: Partial<SessionView>): void {
    this.isOpen = true
    this.views.push(viewOf(view))
  }
}

export const problem = (code: string): Problem => new Problem({ code, detail: '' })
