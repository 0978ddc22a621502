import { useState } from 'preact/hooks'
import type { ProblemView } from '../../captions/view.ts'
import { problemOf } from '../../messages/problem.ts'
import { changeSettings, readSettings, type SettingsChange, watchSettings } from '../../settings/store.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { text } from '../../ui/text.ts'
import { useWatched } from '../../ui/use-watched.ts'
import { BackendOptions } from './backend-options.tsx'
import { CaptionOptions } from './caption-options.tsx'
import { PrivacyOptions } from './privacy-options.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { StyleOptions } from './style-options.tsx'
import { useNote } from './use-note.ts'

/** Saves some of the settings, and says so. */
export type Change = (change: SettingsChange) => void

/** Everything that a listener can set. What is changed counts at once. */
export function Options() {
  const settings = useWatched(readSettings, watchSettings)
  const note = useNote()
  const [problem, setProblem] = useState<ProblemView>()
  const change: Change = changes =>
    void changeSettings(changes).then(
      () => {
        setProblem(undefined)
        note.show(text('options_saved'))
      },
      (error: unknown) => setProblem(problemOf(error).view),
    )
  if (!settings) return null
  return (
    <main class="page stack wide options">
      <h1>{text('options_title')}</h1>
      <ProblemNote problem={problem} />
      <CaptionOptions settings={settings} change={change} />
      <StyleOptions overlay={settings.overlay} change={change} />
      <Shortcuts />
      <PrivacyOptions onNote={note.show} />
      {__DEVELOPMENT__ ? <BackendOptions apiUrl={settings.apiUrl} change={change} /> : null}
      <footer class="quiet">{text('options_version', chrome.runtime.getManifest().version)}</footer>
      <div class="note" role="status">
        {note.shown}
      </div>
    </main>
  )
}
