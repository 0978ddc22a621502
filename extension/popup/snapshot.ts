import type { BalanceResponse, PriceList } from '../../src/contracts/credits.ts'
import {
  storedAccount,
  storedBalance,
  storedHadAccount,
  storedPrices,
  storedSignInEnded,
} from '../account/stored.ts'
import { mayCapture } from '../background/capture-permissions.ts'
import { isCaptionable } from '../background/page-refusal.ts'
import { siteOf } from '../background/site.ts'
import { type CaptionedTab, storedCaptionedTabs, storedLastProblem } from '../background/stored.ts'
import { twitchChannel } from '../background/twitch-channel.ts'
import type { ProblemView } from '../captions/view.ts'
import { readConsent } from '../settings/consent.ts'
import { apiUrlOf, readSettings, readSiteOverlay } from '../settings/store.ts'

/** The tab that the popup is open in. */
export interface PopupTab {
  readonly id: number
  /** Empty where the browser does not tell, as before the first captions. */
  readonly title: string
  readonly isCaptionable: boolean
  /** The Twitch channel that it shows. */
  readonly channel: string | undefined
  /** The listener has hidden captions on its site. */
  readonly overlayHidden: boolean
}

/** All that the popup shows. It is read from what is stored, so that it is there at once. */
export interface Snapshot {
  readonly email: string | undefined
  readonly hadAccount: boolean
  readonly signInEnded: boolean
  readonly consented: boolean
  readonly mayCapture: boolean
  readonly balance: BalanceResponse | undefined
  readonly rates: PriceList['rates'] | undefined
  readonly tab: PopupTab | undefined
  readonly captioned: readonly CaptionedTab[]
  /** Why captions did not start in this tab the last time. */
  readonly lastProblem: ProblemView | undefined
}

/** Reads all of it; nobody is asked but the browser. */
export async function readSnapshot(): Promise<Snapshot> {
  const isAllowed = await mayCapture()
  const [local, session, settings, consent, tab] = await Promise.all([
    chrome.storage.local.get([storedAccount.key, storedHadAccount.key]),
    chrome.storage.session.get(),
    readSettings(),
    readConsent(),
    readTab(isAllowed),
  ])
  const account = storedAccount.in(local)
  const lastProblem = storedLastProblem.in(session)
  return {
    email: account?.apiUrl === apiUrlOf(settings) ? account.email : undefined,
    hadAccount: storedHadAccount.in(local) ?? false,
    signInEnded: storedSignInEnded.in(session) ?? false,
    consented: consent !== undefined,
    mayCapture: isAllowed,
    balance: storedBalance.in(session)?.value,
    rates: storedPrices.in(session)?.value.rates,
    tab,
    captioned: storedCaptionedTabs.in(session) ?? [],
    lastProblem: tab && lastProblem?.tabId === tab.id ? lastProblem.problem : undefined,
  }
}

async function readTab(isAllowed: boolean): Promise<PopupTab | undefined> {
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true })
  if (tab?.id === undefined) return undefined
  const { id, title = '', url } = tab
  const site = await readSiteOverlay(siteOf(url === undefined ? {} : { url }))
  return {
    id,
    title: title || (url ?? ''),
    isCaptionable: url === undefined ? !isAllowed : isCaptionable(url),
    channel: twitchChannel(url ?? ''),
    overlayHidden: site.hidden,
  }
}
