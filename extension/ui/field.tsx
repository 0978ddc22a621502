import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** What a control takes so that its label, hint and error belong to it. */
export interface ControlIds {
  readonly id: string
  readonly 'aria-describedby'?: string
  readonly 'aria-invalid'?: true
}

/** A labelled control. The child is given the id that the label names, and what describes it. */
export function Field(props: {
  readonly label: string
  readonly hint?: string | undefined
  /** What is wrong with what was given. */
  readonly error?: string | undefined
  readonly children: (ids: ControlIds) => ComponentChildren
}) {
  const id = useId()
  const hintId = `${id}-hint`
  const errorId = `${id}-error`
  const described = [props.hint && hintId, props.error && errorId].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children({
        id,
        ...(described === '' ? {} : { 'aria-describedby': described }),
        ...(props.error ? { 'aria-invalid': true } : {}),
      })}
      {props.hint ? (
        <p class="quiet" id={hintId}>
          {props.hint}
        </p>
      ) : null}
      {props.error ? (
        <p class="problem" id={errorId}>
          {props.error}
        </p>
      ) : null}
    </div>
  )
}
