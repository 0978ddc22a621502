import { text } from '../ui/text.ts'
import { Home } from './home.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { useSnapshot } from './use-snapshot.ts'

/** What a click on the extension's icon opens. */
export function Popup() {
  const snapshot = useSnapshot()
  if (!snapshot) return null
  const { email, hadAccount, signInEnded } = snapshot
  return (
    <main class="popup stack">
      {email === undefined ? (
        <SignInForm hadAccount={hadAccount} signInEnded={signInEnded} />
      ) : (
        <>
          <h1 class="brand">{text('popup_page_title')}</h1>
          <Home snapshot={snapshot} email={email} />
        </>
      )}
    </main>
  )
}
