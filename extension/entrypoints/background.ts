import { defineBackground } from 'wxt/utils/define-background'
import { closeStorageToPages } from '../account/chrome-vault.ts'
import { checkoutTabClosed, outsideMessage } from '../background/checkout.ts'
import { captions, watchAlarm } from '../background/chrome-captions.ts'
import { answerAll } from '../background/messages.ts'
import { offscreenEngine } from '../background/offscreen-engine.ts'
import { openWelcome } from '../background/sign-out.ts'
import { permissionAdded } from '../background/start-intent.ts'
import { watchSettings } from '../settings/store.ts'

/** What goes wrong in an event has no screen of its own: it is stored for the popup where a listener must know. */
const run = (work: Promise<unknown>): void => void work.catch(() => undefined)

export default defineBackground(() => {
  answerAll()
  chrome.runtime.onMessageExternal.addListener((message, sender) => run(outsideMessage(message, sender)))
  chrome.runtime.onStartup.addListener(() => run(captions.lookAfter()))
  chrome.runtime.onInstalled.addListener(({ reason }) => {
    run(reason === 'install' ? openWelcome() : captions.lookAfter())
  })
  chrome.alarms.onAlarm.addListener(({ name }) => {
    if (name === watchAlarm) run(captions.lookAfter())
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
  run(closeStorageToPages())
  run(captions.begun())
})
