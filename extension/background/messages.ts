import { type Answers, answerMessages, isOwnPage } from '../messages/answer.ts'
import { balance, prices, signIn } from './account.ts'
import { viewOf } from './captioned-tabs.ts'
import { checkoutOpened } from './checkout.ts'
import { captions } from './chrome-captions.ts'
import { overlaySettings, saveOverlay } from './overlay-messages.ts'
import { forgetEverything, signOut } from './sign-out.ts'
import { siteOf } from './site.ts'
import { storedCaptionedTabs } from './stored.ts'

/** Work that nobody waits for; what goes wrong in it is seen where it matters. */
const inBackground = (work: Promise<unknown>): void => void work.catch(() => undefined)

/** After a sign-in the balance is asked for, and what was left open at the backend is ended. */
const signedIn = async <Account>(signing: Promise<Account>): Promise<Account> => {
  const account = await signing
  inBackground(balance.refresh())
  inBackground(captions.lookAfter())
  return account
}

const answers: Answers<'background'> = {
  'account/read': signIn.account,
  'account/register': request => signedIn(signIn.register(request)),
  'account/login': request => signedIn(signIn.login(request)),
  'account/logout': signOut,
  'account/access-token': async ({ stale, account }) => ({
    accessToken: await signIn.accessToken(stale, account),
  }),
  'account/balance': ({ refresh }) => (refresh ? balance.refresh() : balance.seen()),
  'account/balance-moved': async () => {
    await balance.refresh()
  },
  'account/prices': prices,
  'captions/start': captions.start,
  'captions/stop': async ({ tabId }, sender) => {
    const stopped = tabOf(sender, tabId)
    if (stopped !== undefined) await captions.stop(stopped)
  },
  'captions/changed': async () => {
    await captions.reconcile()
  },
  'overlay/settings': (_, sender) => overlaySettings(siteOf(sender)),
  'overlay/save': (changes, sender) => saveOverlay(siteOf(sender), changes),
  'overlay/show': async ({ tabId }) => {
    await unhideOverlay(tabId)
    await captions.showOverlay(tabId)
  },
  'popup/opened': ({ tabId }) => captions.popupOpened(tabId),
  'panel/open': ({ tabId }, sender) => openPanel(tabOf(sender, tabId)),
  'checkout/opened': ({ tabId }) => checkoutOpened(tabId),
  'data/delete-everything': forgetEverything,
}

/** Answers all that the extension's other parts ask of the service worker. */
export const answerAll = (): void => answerMessages('background', answers)

/** The browser tells a tab's address where the listener has clicked the icon; else it is the one that captions began at. */
async function unhideOverlay(tabId: number): Promise<void> {
  const { url } = await chrome.tabs.get(tabId)
  const known = url ?? viewOf((await storedCaptionedTabs.read()) ?? [], tabId)?.page.url
  if (known !== undefined) await saveOverlay(siteOf({ url: known }), { hidden: false })
}

/** The tab that a message is about: a content script's own, whatever it says. */
const tabOf = (sender: chrome.runtime.MessageSender, tabId: number | undefined): number | undefined =>
  isOwnPage(sender) ? tabId : sender.tab?.id

/** At once, for the browser opens it only while it handles the listener's click. */
const openPanel = (tabId: number | undefined): Promise<void> =>
  tabId === undefined ? Promise.resolve() : chrome.sidePanel.open({ tabId })
