import { useMemo, useRef } from 'preact/hooks'
import { BusyButton } from '../../ui/busy-button.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { formatLanguage, text } from '../../ui/text.ts'
import { useTask } from '../../ui/use-task.ts'
import type { PanelState } from '../panel-state.ts'
import type { ShownSession } from '../sessions/shown-session.ts'
import { Announcer } from './announcer.tsx'
import { copyText } from './copy-text.ts'
import { partialAfter } from './partial.ts'
import { SearchBar } from './search-bar.tsx'
import { SegmentChunk, segmentsInChunk } from './segment-chunk.tsx'
import type { SegmentList } from './segment-list.ts'
import type { Transcript } from './transcript.ts'
import { useCopied } from './use-copied.ts'
import { useFollow } from './use-follow.ts'
import { useSearch } from './use-search.ts'
import { type Target, useTarget } from './use-target.ts'

/** All that was said in the captions that are shown, as it comes. */
export function TranscriptTab(props: {
  readonly panel: PanelState
  /** Where a link has led to. */
  readonly target: Target | undefined
  readonly announces: boolean
}) {
  const { panel } = props
  const shown = panel.shown.value
  const transcript = panel.transcript.value
  if (!shown || !transcript) return <NoTranscript panel={panel} />
  return <SessionTranscript key={transcript.sessionId} {...props} shown={shown} transcript={transcript} />
}

function NoTranscript({ panel }: { readonly panel: PanelState }) {
  if (panel.stored.value === undefined) return <ProblemNote problem={panel.problem.value} />
  return (
    <div class="empty stack tight">
      <h2>{text('panel_empty_title')}</h2>
      <p>{text('panel_empty_how')}</p>
    </div>
  )
}

function SessionTranscript(props: {
  readonly panel: PanelState
  readonly shown: ShownSession
  readonly transcript: Transcript
  readonly target: Target | undefined
  readonly announces: boolean
}) {
  const { panel, shown, transcript } = props
  const segments = transcript.segments.value
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const list = useFollow(scroller, content)
  const { search, onPhrase, onStep } = useSearch(segments, scroller, list)
  useTarget(props.target, list)
  return (
    <div class="transcript-tab">
      <div class="toolbar">
        <SearchBar search={search} onPhrase={onPhrase} onStep={onStep} />
        {search.phrase === '' ? <CopyAll shown={shown} segments={segments} /> : null}
      </div>
      <ProblemNote problem={transcript.problem.value}>
        <div>
          <button type="button" onClick={() => void transcript.refresh()}>
            {text('common_try_again')}
          </button>
        </div>
      </ProblemNote>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard. */}
      <section class="scroller" ref={scroller} tabIndex={0} aria-label={text('panel_tab_transcript')}>
        <div ref={content} class={isLong(segments) ? 'hours' : ''}>
          <Chunks segments={segments} startedAtMs={shown.startedAtMs} />
          <Partial panel={panel} segments={segments} />
          {transcript.loaded.value && segments.length === 0 ? <NothingSaid shown={shown} /> : null}
        </div>
      </section>
      {list.following ? null : (
        <button type="button" class="latest primary" onClick={list.toEnd}>
          {text('panel_latest')}
        </button>
      )}
      {props.announces ? <Announcer transcript={transcript} /> : null}
    </div>
  )
}

const isLong = (segments: SegmentList): boolean => (segments.at(-1)?.endMs ?? 0) >= 3_600_000

function Chunks({ segments, startedAtMs }: { readonly segments: SegmentList; readonly startedAtMs: number }) {
  const chunks = useMemo(() => {
    const clock = new Intl.DateTimeFormat(formatLanguage(), { timeStyle: 'medium' })
    const count = Math.ceil(segments.length / segmentsInChunk)
    return Array.from({ length: count }, (_, chunk) => (
      <SegmentChunk
        key={chunk}
        segments={segments.slice(chunk * segmentsInChunk, (chunk + 1) * segmentsInChunk)}
        startedAtMs={startedAtMs}
        clock={clock}
      />
    ))
  }, [segments, startedAtMs])
  return <>{chunks}</>
}

/** It is written anew with each word, so it is not for screen readers. */
function Partial({ panel, segments }: { readonly panel: PanelState; readonly segments: SegmentList }) {
  const view = panel.shown.value?.view
  const partial = view ? partialAfter(segments, view) : ''
  return partial === '' ? null : (
    <div class="segment partial" aria-hidden="true">
      <span class="stamp" />
      <div>{partial}</div>
    </div>
  )
}

const NothingSaid = ({ shown }: { readonly shown: ShownSession }) => (
  <p class="empty quiet">
    {shown.state?.name === 'ended' ? text('panel_nothing_said') : text('panel_nothing_said_yet')}
  </p>
)

function CopyAll({ shown, segments }: { readonly shown: ShownSession; readonly segments: SegmentList }) {
  const [isCopied, setCopied] = useCopied()
  const copy = useTask(async () => {
    await copyText(shown, segments)
    setCopied()
  })
  if (segments.length === 0) return null
  return (
    <>
      <BusyButton busy={copy.busy} class="plain" onClick={() => void copy.run()}>
        {isCopied ? text('panel_copied') : text('panel_copy_all')}
      </BusyButton>
      <span class="visually-hidden" role="status">
        {isCopied ? text('panel_copied') : ''}
      </span>
      <ProblemNote problem={copy.problem} />
    </>
  )
}
