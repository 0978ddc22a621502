import { useId } from 'preact/hooks'

const radio = { type: 'radio' } as const
const checkbox = { type: 'checkbox' } as const

/** A check box, or one of the radio buttons of a name, with its label behind it and a hint under that. */
export function Choice(props: {
  readonly type: 'checkbox' | 'radio'
  readonly label: string
  readonly hint?: string | undefined
  /** Of a radio button's group. */
  readonly name?: string
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
}) {
  const id = useId()
  const hintId = `${id}-hint`
  return (
    <div class="choice">
      <input
        id={id}
        {...(props.type === 'radio' ? radio : checkbox)}
        checked={props.checked}
        onChange={event => props.onChange(event.currentTarget.checked)}
        {...(props.name === undefined ? {} : { name: props.name })}
        {...(props.hint ? { 'aria-describedby': hintId } : {})}
      />
      <div>
        <label for={id}>{props.label}</label>
        {props.hint ? (
          <p class="quiet" id={hintId}>
            {props.hint}
          </p>
        ) : null}
      </div>
    </div>
  )
}
