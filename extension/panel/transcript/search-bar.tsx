import { text } from '../../ui/text.ts'

/** Where a search stands. */
export interface Search {
  readonly phrase: string
  readonly count: number
  /** From 0. */
  readonly current: number
}

/** The field to search in, and what leads from match to match. */
export function SearchBar(props: {
  readonly search: Search
  readonly onPhrase: (phrase: string) => void
  readonly onStep: (step: 1 | -1) => void
}) {
  const { search, onPhrase, onStep } = props
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') {
      event.preventDefault()
      onStep(event.shiftKey ? -1 : 1)
    }
  }
  return (
    <search class="search">
      <input
        type="search"
        aria-label={text('panel_search')}
        placeholder={text('panel_search')}
        value={search.phrase}
        onInput={event => onPhrase(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <span class="quiet number count" role="status">
        {countText(search)}
      </span>
      {search.count > 0 ? (
        <>
          <StepButton label={text('panel_search_previous')} path="M3 10l5-5 5 5" onClick={() => onStep(-1)} />
          <StepButton label={text('panel_search_next')} path="M3 6l5 5 5-5" onClick={() => onStep(1)} />
        </>
      ) : null}
    </search>
  )
}

const countText = ({ phrase, count, current }: Search): string => {
  if (phrase.trim() === '') return ''
  return count === 0 ? text('panel_search_none') : text('panel_search_count', current + 1, count)
}

const StepButton = (props: {
  readonly label: string
  readonly path: string
  readonly onClick: () => void
}) => (
  <button
    type="button"
    class="plain icon"
    aria-label={props.label}
    title={props.label}
    onClick={props.onClick}
  >
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={props.path} fill="none" stroke="currentColor" stroke-width="2" />
    </svg>
  </button>
)
