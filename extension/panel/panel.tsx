import { useCallback, useState } from 'preact/hooks'
import { readSettings, watchSettings } from '../settings/store.ts'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { text } from '../ui/text.ts'
import { useLoaded } from '../ui/use-loaded.ts'
import { useWatched } from '../ui/use-watched.ts'
import { AccountNote } from './account/account-note.tsx'
import { useAccount } from './account/use-account.ts'
import { useCredits } from './account/use-credits.ts'
import { AskTab } from './assistant/ask-tab.tsx'
import { CatchUpTab } from './assistant/catch-up-tab.tsx'
import { ExportTab } from './export/export-tab.tsx'
import { useIntent } from './intent.ts'
import { openPanel } from './open-panel.ts'
import type { PanelState } from './panel-state.ts'
import { SessionHeader } from './sessions/session-header.tsx'
import { TranscriptTab } from './transcript/transcript-tab.tsx'
import type { Target } from './transcript/use-target.ts'

/** The side panel, as soon as what is stored can be read. */
export function PanelPage() {
  const opened = useLoaded(openPanel, [])
  if (opened.value) return <Panel panel={opened.value} />
  return (
    <main class="tab stack">
      <ProblemNote problem={opened.problem}>
        <div>
          <button type="button" onClick={opened.reload}>
            {text('common_try_again')}
          </button>
        </div>
      </ProblemNote>
      {opened.busy ? <p class="quiet">{text('common_loading')}</p> : null}
    </main>
  )
}

type TabKey = 'transcript' | 'catchup' | 'ask' | 'export'

function Panel({ panel }: { readonly panel: PanelState }) {
  const [tab, setTab] = useState<TabKey>('transcript')
  const [target, setTarget] = useState<Target>()
  const account = useAccount()
  const credits = useCredits(account?.isSignedIn ?? false)
  const settings = useWatched(readSettings, watchSettings)
  const intent = useIntent(({ tab: wanted }) => setTab(wanted))
  const onFollow = useCallback((index: number) => {
    setTab('transcript')
    setTarget({ index })
  }, [])
  return (
    <div class="panel">
      <SessionHeader panel={panel} credits={credits}>
        <AccountNote account={account} />
      </SessionHeader>
      <main>
        <Tabs<TabKey>
          label={text('panel_tabs')}
          selected={tab}
          onSelect={setTab}
          tabs={[
            {
              key: 'transcript',
              label: text('panel_tab_transcript'),
              panel: (
                <TranscriptTab
                  panel={panel}
                  target={target}
                  announces={settings?.announceCaptions ?? false}
                />
              ),
            },
            {
              key: 'catchup',
              label: text('panel_tab_catch_up'),
              panel: (
                <CatchUpTab
                  panel={panel}
                  credits={credits}
                  isShown={tab === 'catchup'}
                  intent={intent}
                  onFollow={onFollow}
                />
              ),
            },
            {
              key: 'ask',
              label: text('panel_tab_ask'),
              panel: <AskTab panel={panel} credits={credits} isShown={tab === 'ask'} onFollow={onFollow} />,
            },
            { key: 'export', label: text('panel_tab_export'), panel: <ExportTab panel={panel} /> },
          ]}
        />
      </main>
    </div>
  )
}
