import { text } from '../../ui/text.ts'
import type { AccountState } from './use-account.ts'

/** The popup is where one signs in; where the browser won't open it, it is a page like others. */
async function openPopup(): Promise<void> {
  try {
    await chrome.action.openPopup()
  } catch {
    await chrome.tabs.create({ url: chrome.runtime.getURL('/popup.html') })
  }
}

const openWelcome = (): Promise<chrome.tabs.Tab> =>
  chrome.tabs.create({ url: chrome.runtime.getURL('/welcome.html') })

/** Leads to what is missing before anything can be captioned or asked. */
export function AccountNote({ account }: { readonly account: AccountState | undefined }) {
  if (account === undefined || (account.isSignedIn && account.hasConsented)) return null
  const note = account.hasConsented
    ? { message: text('panel_signed_out'), label: text('panel_sign_in'), open: openPopup }
    : { message: text('panel_no_consent'), label: text('panel_read_and_agree'), open: openWelcome }
  return (
    <div class="warning stack tight">
      <p>{note.message}</p>
      <div>
        <button type="button" onClick={() => void note.open()}>
          {note.label}
        </button>
      </div>
    </div>
  )
}
