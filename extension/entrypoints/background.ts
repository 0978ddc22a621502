import { defineBackground } from 'wxt/utils/define-background'
import { closeStorageToPages } from '../account/chrome-vault.ts'
import * as captions from '../background/captions.ts'
import { answerAll } from '../background/messages.ts'

export default defineBackground(() => {
  void closeStorageToPages()
  answerAll()
  chrome.tabs.onRemoved.addListener(tabId => void captions.tabClosed(tabId))
  chrome.tabs.onUpdated.addListener((tabId, { status }) => {
    if (status === 'complete') void captions.pageLoaded(tabId)
  })
  chrome.commands.onCommand.addListener((command, tab) => {
    if (command === 'toggle-captions' && tab?.id !== undefined) void captions.toggle(tab.id)
  })
  chrome.runtime.onInstalled.addListener(({ reason }) => {
    if (reason === 'install') void chrome.tabs.create({ url: chrome.runtime.getURL('/welcome.html') })
  })
})
