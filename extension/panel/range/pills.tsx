import { useId } from 'preact/hooks'

/** Radio buttons in a row, for choices of a word or two. */
export function Pills<Value extends string>(props: {
  readonly legend: string
  readonly options: readonly { readonly value: Value; readonly label: string }[]
  readonly selected: Value
  readonly onSelect: (value: Value) => void
}) {
  const name = useId()
  return (
    <fieldset class="pills">
      <legend>{props.legend}</legend>
      <div>
        {props.options.map(({ value, label }) => (
          <label key={value}>
            <input
              type="radio"
              name={name}
              value={value}
              checked={value === props.selected}
              onChange={() => props.onSelect(value)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
