import { text } from '../ui/text.ts'
import type { Badge } from './badge.ts'

/** Shows a badge on the icon in a tab. A tab that is gone has none. */
export async function showBadge(tabId: number, { sign, colour, title }: Badge): Promise<void> {
  const sentences = title.map(key => text(key)).join(' ')
  await Promise.allSettled([
    chrome.action.setBadgeText({ tabId, text: sign === undefined ? '' : text(sign) }),
    chrome.action.setBadgeBackgroundColor({ tabId, color: colour }),
    chrome.action.setBadgeTextColor({ tabId, color: '#ffffff' }),
    chrome.action.setTitle({
      tabId,
      title: sentences === '' ? text('popup_page_title') : sentences,
    }),
  ])
}
