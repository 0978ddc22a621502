import { describe, expect, it } from 'vitest'
import { isCaptionable } from '../../../../extension/background/page-refusal.ts'

describe('a page', () => {
  it.each([
    'https://www.twitch.tv/speaks',
    'http://127.0.0.1:3000/listen',
    'file:///home/listener/talk.mp4',
    'https://chrome.google.com/intl/en/about',
  ])('%s can be captioned', address => {
    expect(isCaptionable(address)).toBe(true)
  })

  it.each([
    'chrome://settings',
    'chrome-extension://abc/popup.html',
    'devtools://devtools/bundled/inspector.html',
    'edge://settings',
    'about:blank',
    'view-source:https://example.com',
    'https://chromewebstore.google.com/detail/x',
    'https://chrome.google.com/webstore/detail/x',
    '',
  ])('%s can not', address => {
    expect(isCaptionable(address)).toBe(false)
  })
})
