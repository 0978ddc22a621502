import { text } from '../../ui/text.ts'
import { useCommands } from '../../ui/use-commands.ts'

/** The keyboard shortcuts as they are; Chrome alone can change them, on a page of its own. */
export function Shortcuts() {
  const named = useCommands().filter(({ description }) => description)
  return (
    <section class="stack" aria-labelledby="shortcuts">
      <h2 id="shortcuts">{text('options_shortcuts_heading')}</h2>
      <dl class="shortcuts">
        {named.map(({ name, description, shortcut }) => (
          <div key={name}>
            <dt>{description}</dt>
            <dd>{shortcut ? <kbd>{shortcut}</kbd> : text('options_shortcut_none')}</dd>
          </div>
        ))}
      </dl>
      <div>
        <button
          type="button"
          onClick={() => void chrome.tabs.create({ url: 'chrome://extensions/shortcuts' })}
        >
          {text('options_shortcuts_change')}
        </button>
      </div>
    </section>
  )
}
