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
  /** Gives once they have ended. Does nothing where there is no offscreen document. */
  end(tabId: number, reason: EndReason): Promise<void>
}

export interface StartPorts {
  readonly engine: Engine
  consented(): Promise<boolean>
  /** Who is signed in (`accountKey`), if anybody is. */
  account(): Promise<string | undefined>
  /** Whether the listener lets the browser give this extension a tab's sound. */
  mayCapture(): Promise<boolean>
  /** Undefined where the browser does not tell: the listener has not clicked there. */
  page(tabId: number): Promise<{ title: string; url: string } | undefined>
  /** Good for a few seconds and one use; refused where the listener has not clicked. */
  streamId(tabId: number): Promise<string>
  settings(): Promise<{ settings: Settings; apiUrl: string }>
  newSessionId(): string
}

export interface StartRequest {
  readonly tabId: number
  /** Ends captions in other tabs and browsers, instead of being refused for them. */
  readonly takeOver: boolean
}

/**
 * Starts a tab's captions and gives the session's id; where they run already, theirs.
 *
 * @throws {Problem} what is missing, in the order in which a listener mends it
 */
export async function startCaptions(ports: StartPorts, request: StartRequest): Promise<string> {
  const { tabId, takeOver } = request
  const account = await accountOfListener(ports)
  const page = await captionablePage(ports, tabId)
  const running = (await ports.engine.sessions()).filter(isRunning)
  const here = running.find(view => view.tabId === tabId)
  if (here && here.state.name !== 'stopping') return here.sessionId
  const elsewhere = running.filter(view => view.tabId !== tabId)
  if (elsewhere.some(isNotStopping) && !takeOver) {
    throw problem('captions_elsewhere', 'Captions run in another tab.')
  }
  const streamId = await streamIdAfterEnding(ports, tabId, running)
  const sessionId = ports.newSessionId()
  const { settings, apiUrl } = await ports.settings()
  const channel = twitchChannel(page.url)
  // It may have been withdrawn while captions elsewhere were being ended.
  await checkConsent(ports)
  await ports.engine.begin({
    sessionId,
    tabId,
    streamId,
    page: { ...page, ...(channel === undefined ? {} : { channel }) },
    apiUrl,
    account,
    language: settings.language,
    silence: settings.silence,
    takeOver,
  })
  return sessionId
}

const isNotStopping = ({ state }: SessionView): boolean => state.name !== 'stopping'

async function accountOfListener(ports: StartPorts): Promise<string> {
  await checkConsent(ports)
  const account = await ports.account()
  if (account === undefined) throw problem('signed_out', 'Sign in first.')
  if (!(await ports.mayCapture())) throw problem('permission_needed', 'The browser needs your permission.')
  return account
}

async function checkConsent(ports: StartPorts): Promise<void> {
  if (!(await ports.consented())) throw problem('consent_needed', 'Captions need your agreement first.')
}

async function captionablePage(ports: StartPorts, tabId: number): Promise<{ title: string; url: string }> {
  const page = await ports.page(tabId)
  if (!page || !isCaptionable(page.url)) throw problem('page_refused', 'This page can not be captioned.')
  return page
}

/**
 * Ends what runs, once it is certain that the sound can be had. Ending may take longer than a stream's id is good for,
 * so another one is got after it.
 */
async function streamIdAfterEnding(
  ports: StartPorts,
  tabId: number,
  running: readonly SessionView[],
): Promise<string> {
  const elsewhere = running.filter(view => view.tabId !== tabId)
  if (running.length > elsewhere.length) await ports.engine.end(tabId, 'stopped')
  const streamId = await captureOf(ports, tabId)
  if (elsewhere.length === 0) return streamId
  for (const view of elsewhere) await ports.engine.end(view.tabId, 'taken_over')
  return captureOf(ports, tabId)
}

const captureOf = (ports: StartPorts, tabId: number): Promise<string> =>
  ports.streamId(tabId).catch((cause: unknown) => {
    throw problem('capture_refused', 'The browser did not give the sound of this tab.', cause)
  })

const problem = (code: string, detail: string, cause?: unknown): Problem =>
  new Problem({ code, detail }, { cause })
