import { useId } from 'preact/hooks'
import { text } from '../../ui/text.ts'

const spans = [7, 30, 90]

/** Chooses how many days are shown. */
export function SpanChoice(props: { readonly days: number; readonly onChoose: (days: number) => void }) {
  const name = useId()
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{text('credits_usage_span')}</legend>
      {spans.map(days => (
        <label key={days}>
          <input
            type="radio"
            class="visually-hidden"
            name={name}
            checked={days === props.days}
            onChange={() => props.onChoose(days)}
          />
          {text('credits_usage_days', days)}
        </label>
      ))}
    </fieldset>
  )
}
