import { defineBackground } from 'wxt/utils/define-background'
import { closeStorageToPages } from '../account/chrome-vault.ts'
import { carryOnWatching, checkoutAlarm, checkoutTabClosed, outsideMessage } from '../background/checkout.ts'
import { captions, watchAlarm } from '../background/chrome-captions.ts'
import { answerAll } from '../background/messages.ts'
import { offscreenEngine } from '../background/offscreen-engine.ts'
import { openWelcome } from '../background/sign-out.ts'
import { permissionAdded } from '../background/start-intent.ts'
import { watchConsent } from '../settings/consent.ts'
import { watchSettings } from '../settings/store.ts'

/** What goes wrong in an event has no screen of its own: it is stored for the popup where a listener must know. */
const run = (work: Promise<unknown>): void => void work.catch(() => undefined)

export default defineBackground(() => {
  answerAll()
  chrome.runtime.onMessageExternal.addListener((message, sender) => run(outsideMessage(message, sender)))
  // It wakes the worker, which looks after what was left open whenever it begins in a browser that is new.
  chrome.runtime.onStartup.addListener(() => undefined)
  chrome.runtime.onInstalled.addListener(({ reason }) => {
    if (reason === 'install') run(openWelcome())
  })
  chrome.alarms.onAlarm.addListener(({ name }) => {
    if (name === watchAlarm) run(captions.lookAfter())
    if (name === checkoutAlarm) run(carryOnWatching())
  })
  chrome.commands.onCommand.addListener((command, tab) => {
    if (command === 'toggle-captions' && tab?.id !== undefined) run(captions.toggle(tab.id))
  })
  chrome.permissions.onAdded.addListener(added => run(permissionAdded(added)))
  chrome.tabs.onRemoved.addListener(tabId => {
    run(captions.tabClosed(tabId))
    run(checkoutTabClosed(tabId))
  })
  chrome.tabs.onUpdated.addListener((tabId, { status }) => {
    if (status === 'complete') run(captions.pageLoaded(tabId))
  })
  watchSettings(settings => {
    run(offscreenEngine.configure(settings.silence))
    run(captions.nudgeOverlays())
  })
  watchConsent(({ name }) => {
    if (name !== 'given') run(captions.consentWithdrawn())
  })
  run(closeStorageToPages())
  run(captions.begun())
})
