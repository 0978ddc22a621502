import { text } from '../../ui/text.ts'

/** Opens the page where credits are bought. */
export const BuyButton = () => (
  <button
    type="button"
    onClick={() => void chrome.tabs.create({ url: chrome.runtime.getURL('/credits.html') })}
  >
    {text('panel_buy')}
  </button>
)
