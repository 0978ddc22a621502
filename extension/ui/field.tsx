import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** A labelled control. The child is given the id that the label names, and the hint's. */
export function Field(props: {
  readonly label: string
  readonly hint?: string
  readonly children: (ids: { readonly id: string; readonly 'aria-describedby'?: string }) => ComponentChildren
}) {
  const id = useId()
  const hintId = `${id}-hint`
  return (
    <div>
      <label for={id}>{props.label}</label>
      {props.children(props.hint === undefined ? { id } : { id, 'aria-describedby': hintId })}
      {props.hint === undefined ? null : (
        <p class="quiet" id={hintId}>
          {props.hint}
        </p>
      )}
    </div>
  )
}
