import { isRunning } from '../background/captioned-tabs.ts'
import type { CaptionedTab } from '../background/stored.ts'
import { send } from '../messages/send.ts'
import { text } from '../ui/text.ts'
import type { PopupTab } from './snapshot.ts'
import { stateWords, toneOf } from './state-words.ts'

/** Where the tab's captions stand; screen readers hear of it as it changes. */
export function CaptionsState(props: {
  readonly captioned: CaptionedTab | undefined
  readonly tab: PopupTab
}) {
  const { captioned, tab } = props
  const isOn = captioned !== undefined && isRunning(captioned.view)
  const words = captioned ? stateWords(captioned.view) : ''
  return (
    <>
      <div role="status" class={words === '' ? '' : 'state'}>
        {captioned && words !== '' ? (
          <>
            <span class={`dot ${toneOf(captioned.view.state)}`} />
            <p>{words}</p>
          </>
        ) : null}
      </div>
      {isOn && captioned.view.warning ? (
        <p class="warning">{text(`popup_warning_${captioned.view.warning}`)}</p>
      ) : null}
      {isOn && captioned.overlayRefused ? <p class="quiet">{text('popup_overlay_refused')}</p> : null}
      {isOn && tab.overlayHidden ? (
        <button type="button" onClick={() => void send('overlay/show', { tabId: tab.id })}>
          {text('popup_show_overlay')}
        </button>
      ) : null}
    </>
  )
}
