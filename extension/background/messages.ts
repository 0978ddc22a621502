import { answerMessages, isOwnPage } from '../messages/answer.ts'
import { balance, prices, signIn } from './account.ts'
import * as captions from './captions.ts'
import { overlaySettings, saveOverlay, siteOf } from './overlay-messages.ts'
import { nudgeOverlay } from './overlay-page.ts'

/** Answers all that the extension's other parts ask of the service worker. */
export function answerAll(): void {
  answerMessages('background', {
    'account/read': signIn.account,
    'account/register': request => signIn.register(request),
    'account/login': request => signIn.login(request),
    'account/logout': signIn.logout,
    'account/access-token': async ({ stale }) => ({ accessToken: await signIn.accessToken(stale) }),
    'account/balance': ({ refresh }) => (refresh ? balance.refresh() : balance.seen()),
    'account/balance-moved': async () => {
      await balance.refresh()
      return {}
    },
    'account/prices': prices,
    'captions/start': captions.start,
    'captions/stop': async ({ tabId }, sender) => {
      const stopped = tabOf(sender, tabId)
      if (stopped !== undefined) await captions.stop(stopped)
      return {}
    },
    'captions/changed': async ({ sessions }) => {
      await captions.update(sessions)
      return {}
    },
    'overlay/settings': (_, sender) => overlaySettings(siteOf(sender)),
    'overlay/save': async (changes, sender) => {
      await saveOverlay(siteOf(sender), changes)
      return {}
    },
    'overlay/show': async ({ tabId }) => {
      await captions.showOverlay(tabId)
      await nudgeOverlay(tabId)
      return {}
    },
    'popup/opened': async ({ tabId }) => {
      await captions.reconcile()
      await captions.seen(tabId)
      return {}
    },
    'panel/open': ({ tabId }, sender) => openPanel(tabOf(sender, tabId)),
    'checkout/opened': async () => ({}),
    'data/delete-everything': async () => ({}),
  })
}

/** The tab that a message is about: a content script's own, whatever it says. */
const tabOf = (sender: chrome.runtime.MessageSender, tabId: number | undefined): number | undefined =>
  isOwnPage(sender) ? tabId : sender.tab?.id

/** Synchronously, for the browser opens it only while it handles the listener's click. */
function openPanel(tabId: number | undefined): Promise<Record<string, never>> {
  if (tabId === undefined) return Promise.resolve({})
  return chrome.sidePanel.open({ tabId }).then(() => ({}))
}
