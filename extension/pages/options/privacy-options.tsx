import { storedCaptionedTabs } from '../../background/stored.ts'
import { send } from '../../messages/send.ts'
import { readConsentState, watchConsent, withdrawConsent } from '../../settings/consent.ts'
import { day } from '../../ui/format.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { text } from '../../ui/text.ts'
import { useTask } from '../../ui/use-task.ts'
import { useWatched } from '../../ui/use-watched.ts'
import { StoredData } from './stored-data.tsx'

/** Ends whatever captions run. */
async function endCaptions(): Promise<void> {
  const captioned = (await storedCaptionedTabs.read()) ?? []
  const running = captioned.filter(({ view }) => view.state.name !== 'ended')
  await Promise.all(running.map(({ view }) => send('captions/stop', { tabId: view.tabId })))
}

/** What was agreed to, what is stored, and the end of both. */
export function PrivacyOptions({ onNote }: { readonly onNote: (words: string) => void }) {
  const consent = useWatched(readConsentState, watchConsent)
  const withdrawing = useTask(async () => {
    await withdrawConsent()
    await endCaptions()
    onNote(text('options_consent_withdrawn'))
  })
  if (!consent) return null
  const isGiven = consent.name === 'given'
  return (
    <section class="stack" aria-labelledby="privacy">
      <h2 id="privacy">{text('options_privacy_heading')}</h2>
      <p>
        {isGiven ? text('options_consent_given', day(consent.agreedAtMs)) : text('options_consent_none')}{' '}
        <a href="welcome.html">{text('options_consent_read')}</a>
      </p>
      {isGiven ? (
        <div>
          <button type="button" onClick={() => void withdrawing.run()}>
            {text('options_consent_withdraw')}
          </button>
        </div>
      ) : null}
      <ProblemNote problem={withdrawing.problem} />
      <StoredData onNote={onNote} />
    </section>
  )
}
