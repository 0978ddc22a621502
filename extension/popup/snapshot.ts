import { useEffect, useState } from 'preact/hooks'
import type { BalanceResponse, PriceList } from '../../src/contracts/credits.ts'
import { storedAccount, storedBalance, storedPrices } from '../account/stored.ts'
import { siteOf } from '../background/overlay-messages.ts'
import { type CaptionedTab, storedCaptionedTabs, storedLastProblem } from '../background/stored.ts'
import { twitchChannel } from '../background/twitch-channel.ts'
import type { ProblemView } from '../captions/view.ts'
import { readConsent } from '../settings/consent.ts'
import { apiUrlOf, readSettings, readSiteOverlay } from '../settings/store.ts'

/** The tab that the popup is open in. */
export interface PopupTab {
  readonly id: number
  readonly title: string
  readonly url: string
  /** The Twitch channel that it shows. */
  readonly channel: string | undefined
  /** The listener has hidden captions on its site. */
  readonly overlayHidden: boolean
}

/** All that the popup shows: what is stored, so that it is there at once. */
export interface Snapshot {
  readonly email: string | undefined
  readonly consented: boolean
  readonly mayCapture: boolean
  readonly balance: BalanceResponse | undefined
  readonly rates: PriceList['rates'] | undefined
  readonly tab: PopupTab | undefined
  readonly captioned: readonly CaptionedTab[]
  /** Why captions did not start in this tab the last time. */
  readonly lastProblem: ProblemView | undefined
}

async function readTab(): Promise<PopupTab | undefined> {
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true })
  if (tab?.id === undefined) return undefined
  const { id, title = '', url = '' } = tab
  const site = await readSiteOverlay(siteOf({ url }))
  return { id, title, url, channel: twitchChannel(url), overlayHidden: site.hidden }
}

async function readSnapshot(): Promise<Snapshot> {
  const [local, session, settings, consent, mayCapture, tab] = await Promise.all([
    chrome.storage.local.get(storedAccount.key),
    chrome.storage.session.get(),
    readSettings(),
    readConsent(),
    chrome.permissions.contains({ permissions: ['tabCapture'] }),
    readTab(),
  ])
  const account = storedAccount.in(local)
  const lastProblem = storedLastProblem.in(session)
  return {
    email: account?.apiUrl === apiUrlOf(settings) ? account.email : undefined,
    consented: consent !== undefined,
    mayCapture,
    balance: storedBalance.in(session)?.value,
    rates: storedPrices.in(session)?.value.rates,
    tab,
    captioned: storedCaptionedTabs.in(session) ?? [],
    lastProblem: lastProblem?.tabId === tab?.id ? lastProblem?.problem : undefined,
  }
}

/** What the popup shows, as it changes; undefined for the moment in which it is read. */
export function useSnapshot(): Snapshot | undefined {
  const [snapshot, setSnapshot] = useState<Snapshot>()
  useEffect(() => {
    let latest = 0
    const look = async (): Promise<void> => {
      latest += 1
      const mine = latest
      const read = await readSnapshot()
      if (mine === latest) setSnapshot(read)
    }
    const listener = (): void => void look()
    void look()
    chrome.storage.onChanged.addListener(listener)
    return () => chrome.storage.onChanged.removeListener(listener)
  }, [])
  return snapshot
}
