import type { SessionView } from '../captions/view.ts'
import type { Request } from '../messages/contract.ts'
import { Problem } from '../messages/problem.ts'
import type { Settings } from '../settings/model.ts'
import type { EndReason } from '../transcript/model.ts'
import { isRunning } from './captioned-tabs.ts'
import { isCaptionable } from './page-refusal.ts'
import { twitchChannel } from './twitch-channel.ts'

/** The offscreen document, which captures and captions. */
export interface Engine {
  /** Empty where there is no offscreen document. */
  sessions(): Promise<readonly SessionView[]>
  /** Makes the offscreen document if there is none. */
  begin(request: Request<'engine/begin'>): Promise<void>
  /** Does nothing where there is no offscreen document. */
  end(tabId: number, reason: EndReason): Promise<void>
}

export interface StartPorts {
  readonly engine: Engine
  consented(): Promise<boolean>
  signedIn(): Promise<boolean>
  /** Whether the listener lets the browser give this extension a tab's sound. */
  mayCapture(): Promise<boolean>
  /** Undefined where the browser does not tell: the listener has not clicked there. */
  page(tabId: number): Promise<{ title: string; url: string } | undefined>
  /** Good for a few seconds; refused where the listener has not clicked. */
  streamId(tabId: number): Promise<string>
  settings(): Promise<{ settings: Settings; apiUrl: string }>
  newSessionId(): string
}

export interface StartRequest {
  readonly tabId: number
  readonly takeOver: boolean
}

/**
 * Starts a tab's captions and gives the session's id; where they run already, theirs.
 *
 * @throws {Problem} what is missing, in the order in which a listener mends it
 */
export async function startCaptions(ports: StartPorts, request: StartRequest): Promise<string> {
  const { tabId, takeOver } = request
  await checkListener(ports)
  const page = await captionablePage(ports, tabId)
  const running = (await ports.engine.sessions()).filter(isRunning)
  const here = running.find(view => view.tabId === tabId)
  if (here) return here.sessionId
  if (running.length > 0 && !takeOver) throw problem('captions_elsewhere', 'Captions run in another tab.')
  const streamId = await ports.streamId(tabId).catch((cause: unknown) => {
    throw problem('capture_refused', 'The browser did not give the sound of this tab.', cause)
  })
  for (const view of running) await ports.engine.end(view.tabId, 'taken_over')
  const sessionId = ports.newSessionId()
  const { settings, apiUrl } = await ports.settings()
  const channel = twitchChannel(page.url)
  await ports.engine.begin({
    sessionId,
    tabId,
    streamId,
    page: { ...page, ...(channel === undefined ? {} : { channel }) },
    apiUrl,
    language: settings.language,
    silence: settings.silence,
    takeOver,
  })
  return sessionId
}

async function checkListener(ports: StartPorts): Promise<void> {
  if (!(await ports.consented())) throw problem('consent_needed', 'Captions need your agreement first.')
  if (!(await ports.signedIn())) throw problem('signed_out', 'Sign in first.')
  if (!(await ports.mayCapture())) throw problem('permission_needed', 'The browser needs your permission.')
}

async function captionablePage(ports: StartPorts, tabId: number): Promise<{ title: string; url: string }> {
  const page = await ports.page(tabId)
  if (!page || !isCaptionable(page.url)) throw problem('page_refused', 'This page can not be captioned.')
  return page
}

const problem = (code: string, detail: string, cause?: unknown): Problem =>
  new Problem({ code, detail }, { cause })
