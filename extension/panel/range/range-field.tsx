import { useId } from 'preact/hooks'
import { Field } from '../../ui/field.tsx'
import { timeStamp } from '../../ui/format.ts'
import { text } from '../../ui/text.ts'
import type { SegmentList } from '../transcript/segment-list.ts'
import { Pills } from './pills.tsx'
import { type RangeChoice, rangeOf } from './range-choice.ts'

type Option = '2' | '10' | '30' | 'all' | 'between'

/** Chooses a stretch of a transcript: all, the last minutes, or from one time to another. */
export function RangeField(props: {
  readonly choice: RangeChoice
  readonly segments: SegmentList
  readonly onChange: (choice: RangeChoice) => void
}) {
  const { choice, segments, onChange } = props
  const errorId = useId()
  const select = (option: Option): void => {
    if (option === 'all') onChange({ name: 'all' })
    else if (option !== 'between') onChange({ name: 'last', minutes: Number(option) })
    else onChange({ name: 'between', from: '0:00', to: timeStamp(segments.at(-1)?.endMs ?? 0) })
  }
  const isWrong = rangeOf(choice, segments) === undefined
  return (
    <div class="stack">
      <Pills<Option>
        legend={text('panel_how_much')}
        selected={optionOf(choice)}
        onSelect={select}
        options={[
          { value: 'all', label: text('panel_all') },
          { value: '30', label: text('panel_last_minutes', 30) },
          { value: '10', label: text('panel_last_minutes', 10) },
          { value: '2', label: text('panel_last_minutes', 2) },
          { value: 'between', label: text('panel_between') },
        ]}
      />
      {choice.name === 'between' ? (
        <div class="stack tight">
          <div class="times">
            <TimeField
              label={text('panel_from')}
              value={choice.from}
              describedBy={errorId}
              onInput={from => onChange({ ...choice, from })}
            />
            <TimeField
              label={text('panel_to')}
              value={choice.to}
              describedBy={errorId}
              onInput={to => onChange({ ...choice, to })}
            />
          </div>
          <p id={errorId} class={isWrong ? 'problem' : 'quiet'}>
            {isWrong ? text('panel_between_wrong') : text('panel_between_hint')}
          </p>
        </div>
      ) : null}
    </div>
  )
}

const TimeField = (props: {
  readonly label: string
  readonly value: string
  readonly describedBy: string
  readonly onInput: (value: string) => void
}) => (
  <Field label={props.label}>
    {ids => (
      <input
        {...ids}
        aria-describedby={props.describedBy}
        autocomplete="off"
        value={props.value}
        onInput={event => props.onInput(event.currentTarget.value)}
      />
    )}
  </Field>
)

const optionOf = (choice: RangeChoice): Option => {
  if (choice.name !== 'last') return choice.name
  return (['2', '10', '30'] as const).find(minutes => Number(minutes) === choice.minutes) ?? 'all'
}
