import { text } from '../../ui/text.ts'
import { Pills } from './pills.tsx'
import type { RangeChoice } from './range-choice.ts'

/** The last minutes that are offered. */
const offered = ['2', '10', '30', 'all'] as const
export type Minutes = (typeof offered)[number]

export const minutesChoice = (minutes: Minutes): RangeChoice =>
  minutes === 'all' ? { name: 'all' } : { name: 'last', minutes: Number(minutes) }

/** Chooses the last minutes of a transcript, or all of it. */
export const MinutesPills = (props: {
  readonly legend: string
  readonly selected: Minutes
  readonly onSelect: (minutes: Minutes) => void
}) => (
  <Pills<Minutes>
    {...props}
    options={offered.map(value => ({
      value,
      label: value === 'all' ? text('panel_all') : text('panel_last_minutes', value),
    }))}
  />
)
