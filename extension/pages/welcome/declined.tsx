import { text } from '../../ui/text.ts'
import { FocusedHeading } from './focused-heading.tsx'

/** What it means not to agree. */
export const Declined = ({ onReturn }: { readonly onReturn: () => void }) => (
  <main class="page stack">
    <FocusedHeading>{text('welcome_declined_heading')}</FocusedHeading>
    <p>{text('welcome_declined')}</p>
    <p>
      <button type="button" onClick={onReturn}>
        {text('welcome_read_again')}
      </button>
    </p>
  </main>
)
