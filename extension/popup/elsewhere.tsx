import type { CaptionedTab } from '../background/stored.ts'
import { text } from '../ui/text.ts'

/** The captions of another tab, which is a click away. */
export const Elsewhere = ({ running }: { readonly running: readonly CaptionedTab[] }) => (
  <>
    {running.map(({ view }) => (
      <p class="quiet" key={view.sessionId}>
        {text('popup_elsewhere', view.page.title)}{' '}
        <button type="button" class="link" onClick={() => void showTab(view.tabId)}>
          {text('popup_go_there')}
        </button>
      </p>
    ))}
  </>
)

async function showTab(tabId: number): Promise<void> {
  const tab = await chrome.tabs.update(tabId, { active: true })
  if (tab) await chrome.windows.update(tab.windowId, { focused: true })
}
