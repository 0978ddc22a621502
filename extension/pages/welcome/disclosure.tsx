import type { ComponentChildren } from 'preact'
import type { ConsentState } from '../../settings/consent.ts'
import { day } from '../../ui/format.ts'
import { type TextKey, text } from '../../ui/text.ts'
import { Costs } from './costs.tsx'

const facts = [
  ['welcome_click_heading', 'welcome_click'],
  ['welcome_sound_heading', 'welcome_sound'],
  ['welcome_text_heading', 'welcome_text'],
  ['welcome_transcript_heading', 'welcome_transcript'],
  ['welcome_pages_heading', 'welcome_pages'],
] as const satisfies readonly (readonly [TextKey, TextKey])[]

/** Everything that the listener agrees to. Raise `consentVersion` when what it says changes. */
export const Disclosure = (props: {
  readonly consent: ConsentState
  readonly isLeftOpen: boolean
  readonly onAgree: () => void
  readonly onDecline: () => void
  readonly problem: ComponentChildren
}) => (
  <main class="page stack wide">
    <header class="stack">
      {props.isLeftOpen ? (
        <p class="warning" role="alert">
          {text('welcome_left_open')}
        </p>
      ) : null}
      <img src="icon/48.png" alt="" width="48" height="48" />
      <h1>{text('welcome_heading')}</h1>
      <p>{text('welcome_what')}</p>
      {props.consent.name === 'outdated' ? <p class="warning">{text('welcome_outdated')}</p> : null}
    </header>
    <section class="stack">
      <h2>{text('welcome_privacy_heading')}</h2>
      <ul class="facts">
        {facts.map(([heading, words]) => (
          <li key={heading}>
            <h3>{text(heading)}</h3>
            <p>{text(words)}</p>
          </li>
        ))}
      </ul>
    </section>
    <Costs />
    <section class="stack">
      <h2>{text('welcome_law_heading')}</h2>
      <p>{text('welcome_law')}</p>
    </section>
    {props.problem}
    <footer class="stack">
      {props.consent.name === 'given' ? (
        <p class="done">{text('welcome_agreed', day(props.consent.agreedAtMs))}</p>
      ) : (
        <>
          <p>{text('welcome_prompt')}</p>
          <div class="row">
            <button type="button" class="primary" onClick={props.onAgree}>
              {text('welcome_agree')}
            </button>
            <button type="button" onClick={props.onDecline}>
              {text('welcome_decline')}
            </button>
          </div>
        </>
      )}
      <p>
        <a href="options.html">{text('welcome_options')}</a>
      </p>
    </footer>
  </main>
)
