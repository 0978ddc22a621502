import { send } from '../messages/send.ts'
import { BusyButton } from '../ui/busy-button.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { text } from '../ui/text.ts'
import { useCommands } from '../ui/use-commands.ts'
import { useTask } from '../ui/use-task.ts'

/** Who is signed in, and what is seldom needed. */
export function Footer({ email }: { readonly email: string }) {
  const shortcut = useCommands().find(command => command.name === 'toggle-captions')?.shortcut
  const signOut = useTask(async () => {
    await send('account/logout', {})
  })
  return (
    <footer class="stack tight quiet">
      {shortcut ? <p>{text('popup_shortcut', shortcut)}</p> : null}
      <p>{text('popup_signed_in_as', email)}</p>
      <div class="row">
        <button type="button" class="link" onClick={() => void chrome.runtime.openOptionsPage()}>
          {text('popup_options')}
        </button>
        <BusyButton class="link" busy={signOut.busy} onClick={() => void signOut.run()}>
          {text('popup_sign_out')}
        </BusyButton>
      </div>
      <ProblemNote problem={signOut.problem} />
    </footer>
  )
}
