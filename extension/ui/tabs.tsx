import type { ComponentChildren } from 'preact'
import { useId, useRef } from 'preact/hooks'

export interface Tab<Key extends string> {
  readonly key: Key
  readonly label: string
  /** Stays in the document, hidden, while another is shown: what was typed in it and its lists are kept. */
  readonly panel: ComponentChildren
}

/** Which tab a key press moves to, by the pattern of the ARIA practices; undefined where it moves to none. */
export function tabAfterKey(key: string, index: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return (index + 1) % count
    case 'ArrowLeft':
      return (index + count - 1) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}

/** Panels of which one is shown, with the tabs that choose it: arrow keys move among them, Tab leaves them. */
export function Tabs<Key extends string>(props: {
  /** What they are tabs of, for screen readers. */
  readonly label: string
  readonly tabs: readonly Tab<Key>[]
  readonly selected: Key
  readonly onSelect: (key: Key) => void
}) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent): void => {
    const index = props.tabs.findIndex(tab => tab.key === props.selected)
    const next = tabAfterKey(event.key, index, props.tabs.length)
    const tab = next === undefined ? undefined : props.tabs[next]
    if (next === undefined || !tab) return
    event.preventDefault()
    props.onSelect(tab.key)
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[next]?.focus()
  }
  return (
    <>
      <div role="tablist" aria-label={props.label} ref={list} onKeyDown={onKeyDown}>
        {props.tabs.map(tab => (
          <button
            key={tab.key}
            type="button"
            role="tab"
            id={`${id}-tab-${tab.key}`}
            aria-controls={`${id}-panel-${tab.key}`}
            aria-selected={tab.key === props.selected}
            tabIndex={tab.key === props.selected ? 0 : -1}
            onClick={() => props.onSelect(tab.key)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      {props.tabs.map(tab => (
        <div
          key={tab.key}
          role="tabpanel"
          id={`${id}-panel-${tab.key}`}
          aria-labelledby={`${id}-tab-${tab.key}`}
          hidden={tab.key !== props.selected}
        >
          {tab.panel}
        </div>
      ))}
    </>
  )
}
