import type { SessionView } from '../../captions/view.ts'
import { text } from '../../ui/text.ts'
import { BuyButton } from '../account/buy-button.tsx'
import { rememberWarning, useReadWarning } from './read-warning.ts'

/** Says that credits run low, once each time a line is crossed: it goes when the listener has read it. */
export function WarningNote({ view }: { readonly view: SessionView | undefined }) {
  const read = useReadWarning()
  const warning = view && view.state.name !== 'ended' ? view.warning : undefined
  const key = `${view?.sessionId} ${warning}`
  return (
    <div role="status">
      {warning === undefined || read === undefined || key === read ? null : (
        <div class="warning stack tight">
          <p>{text(`panel_warning_${warning}`)}</p>
          <div class="row">
            <BuyButton />
            <button type="button" class="plain" onClick={() => void rememberWarning(key)}>
              {text('panel_dismiss')}
            </button>
          </div>
        </div>
      )}
    </div>
  )
}
