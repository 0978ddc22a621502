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
        <div class="times">
          <Field label={text('panel_from')}>
            {ids => (
              <input
                {...ids}
                value={choice.from}
                onInput={event => onChange({ ...choice, from: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field label={text('panel_to')} error={isWrong ? text('panel_between_wrong') : undefined}>
            {ids => (
              <input
                {...ids}
                value={choice.to}
                onInput={event => onChange({ ...choice, to: event.currentTarget.value })}
              />
            )}
          </Field>
        </div>
      ) : null}
    </div>
  )
}

const optionOf = (choice: RangeChoice): Option => {
  if (choice.name !== 'last') return choice.name
  return (['2', '10', '30'] as const).find(minutes => Number(minutes) === choice.minutes) ?? 'all'
}
