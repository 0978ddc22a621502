import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { text } from './text.ts'

/** Asks before something that can't be taken back. It is there while it is rendered; Escape says no. */
export function Confirm(props: {
  readonly question: string
  /** What will happen. */
  readonly children: ComponentChildren
  /** The button that says yes, as "Delete everything". */
  readonly yes: string
  readonly onAnswer: (yes: boolean) => void
}) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={() => props.onAnswer(dialog.current?.returnValue === 'yes')}
    >
      <form method="dialog" class="stack">
        <h2 id={id}>{props.question}</h2>
        {props.children}
        <div class="row">
          <button type="submit" value="no" autofocus>
            {text('common_cancel')}
          </button>
          <button type="submit" value="yes" class="danger">
            {props.yes}
          </button>
        </div>
      </form>
    </dialog>
  )
}
