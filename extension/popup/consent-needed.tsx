import { text } from '../ui/text.ts'
import { openPage } from './open-page.ts'

/** Nothing is captured before the listener has agreed to where the sound goes. */
export const ConsentNeeded = () => (
  <div class="card stack">
    <p>{text('popup_consent')}</p>
    <button type="button" class="primary wide" onClick={() => openPage('/welcome.html')}>
      {text('popup_read_and_agree')}
    </button>
  </div>
)
