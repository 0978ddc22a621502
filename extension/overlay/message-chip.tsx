import { text } from '../ui/text.ts'

/** A sentence beside the captions. It can be closed where `onDismiss` is given. */
export function MessageChip(props: {
  readonly sentence: string
  readonly counter?: string | undefined
  readonly onDismiss?: (() => void) | undefined
}) {
  return (
    <div class="message">
      <p>
        {props.sentence}
        {props.counter ? <span aria-hidden="true"> {props.counter}</span> : null}
      </p>
      {props.onDismiss ? (
        <button type="button" class="dismiss" aria-label={text('overlay_dismiss')} onClick={props.onDismiss}>
          <svg viewBox="0 0 16 16" width="14" height="14" stroke="currentColor" aria-hidden="true">
            <path d="M3 3l10 10M13 3L3 13" stroke-width="2" />
          </svg>
        </button>
      ) : null}
    </div>
  )
}
