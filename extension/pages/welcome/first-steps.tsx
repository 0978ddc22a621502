import { text } from '../../ui/text.ts'
import { useCommands } from '../../ui/use-commands.ts'
import { FocusedHeading } from './focused-heading.tsx'

/** What to do once everything is agreed. */
export function FirstSteps() {
  const shortcut = useCommands().find(command => command.name === 'toggle-captions')?.shortcut
  return (
    <main class="page stack">
      <FocusedHeading>{text('welcome_thanks_heading')}</FocusedHeading>
      <ol class="steps">
        <li>{text('welcome_step_pin')}</li>
        <li>{text('welcome_step_play')}</li>
        <li>{text('welcome_step_click')}</li>
      </ol>
      {shortcut ? <p class="quiet">{text('welcome_step_shortcut', shortcut)}</p> : null}
    </main>
  )
}
