import { useState } from 'preact/hooks'
import { capturePermissions } from '../../background/capture-permissions.ts'
import { giveConsent, readConsentState, watchConsent } from '../../settings/consent.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { useTask } from '../../ui/use-task.ts'
import { useWatched } from '../../ui/use-watched.ts'
import { Declined } from './declined.tsx'
import { Disclosure } from './disclosure.tsx'
import { FirstSteps } from './first-steps.tsx'

/** Whether captions could not be ended when everything else was deleted. */
const isLeftOpen = (): boolean => new URLSearchParams(location.search).has('left-open')

/** The first page that a listener sees: what is done with sound and text, and whether they agree to it. */
export function Welcome() {
  const consent = useWatched(readConsentState, watchConsent)
  const [answer, setAnswer] = useState<'agreed' | 'declined'>()
  const agreeing = useTask(async () => {
    // Within the click, or Chrome does not ask. Whoever says no is asked again when captions are first started.
    const asking = chrome.permissions.request(capturePermissions)
    await giveConsent()
    await asking
    setAnswer('agreed')
  })
  if (!consent) return null
  if (answer === 'agreed' && consent.name === 'given') return <FirstSteps />
  if (answer === 'declined') return <Declined onReturn={() => setAnswer(undefined)} />
  return (
    <Disclosure
      consent={consent}
      isLeftOpen={isLeftOpen()}
      onAgree={() => agreeing.run()}
      onDecline={() => setAnswer('declined')}
      problem={<ProblemNote problem={agreeing.problem} />}
    />
  )
}
