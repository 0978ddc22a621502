import { readConsentState, watchConsent, withdrawConsent } from '../../settings/consent.ts'
import { day } from '../../ui/format.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { text } from '../../ui/text.ts'
import { useTask } from '../../ui/use-task.ts'
import { useWatched } from '../../ui/use-watched.ts'
import { StoredData } from './stored-data.tsx'

/** What was agreed to, what is stored, and the end of both. The service worker ends captions when consent is withdrawn. */
export function PrivacyOptions({ onNote }: { readonly onNote: (words: string) => void }) {
  const consent = useWatched(readConsentState, watchConsent)
  const withdrawing = useTask(async () => {
    await withdrawConsent()
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
