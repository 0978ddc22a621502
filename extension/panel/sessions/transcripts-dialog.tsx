import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { isRunning } from '../../background/captioned-tabs.ts'
import type { TranscriptSession } from '../../transcript/model.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { duration, moment } from '../../ui/format.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { text } from '../../ui/text.ts'
import { useTask } from '../../ui/use-task.ts'
import type { PanelState } from '../panel-state.ts'
import { titleOf } from './title.ts'

/** Opens the list of all transcripts. */
export function TranscriptsButton({ panel }: { readonly panel: PanelState }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        onClick={() => {
          void panel.refresh()
          setOpen(true)
        }}
      >
        {text('panel_transcripts')}
      </button>
      {isOpen ? <TranscriptsDialog panel={panel} onClose={() => setOpen(false)} /> : null}
    </>
  )
}

function TranscriptsDialog({ panel, onClose }: { readonly panel: PanelState; readonly onClose: () => void }) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  const [toDelete, setToDelete] = useState<TranscriptSession>()
  const close = useRef<HTMLButtonElement>(null)
  const remove = useTask(async (sessionId: string) => {
    await panel.remove(sessionId)
    // The button that had the focus is gone with its row.
    close.current?.focus()
  })
  useEffect(() => dialog.current?.showModal(), [])
  const stored = panel.stored.value ?? []
  return (
    <dialog ref={dialog} class="transcripts" aria-labelledby={id} onClose={onClose}>
      <div class="stack">
        <div class="row apart">
          <h2 id={id}>{text('panel_transcripts')}</h2>
          <button type="button" ref={close} autofocus onClick={() => dialog.current?.close()}>
            {text('panel_close')}
          </button>
        </div>
        <ProblemNote problem={remove.problem ?? panel.problem.value} />
        {stored.length === 0 ? <p class="quiet">{text('panel_no_transcripts')}</p> : null}
        <ul class="list">
          {stored.map(session => (
            <TranscriptRow
              key={session.sessionId}
              panel={panel}
              session={session}
              onChoose={() => {
                panel.choose(session.sessionId)
                dialog.current?.close()
              }}
              onDelete={() => setToDelete(session)}
            />
          ))}
        </ul>
      </div>
      {toDelete ? (
        <Confirm
          question={text('panel_delete_question')}
          yes={text('panel_delete_yes')}
          onAnswer={yes => {
            setToDelete(undefined)
            if (yes) void remove.run(toDelete.sessionId)
          }}
        >
          <p>
            <strong>{titleOf(toDelete)}</strong>
          </p>
          <p>{text('panel_delete_what')}</p>
        </Confirm>
      ) : null}
    </dialog>
  )
}

function TranscriptRow(props: {
  readonly panel: PanelState
  readonly session: TranscriptSession
  readonly onChoose: () => void
  readonly onDelete: () => void
}) {
  const { panel, session } = props
  const view = panel.views.value.views.find(({ sessionId }) => sessionId === session.sessionId)
  const runs = view !== undefined && isRunning(view)
  const isShown = panel.shown.value?.sessionId === session.sessionId
  return (
    <li class="transcript">
      <button
        type="button"
        class="plain choose"
        aria-current={isShown ? 'true' : undefined}
        onClick={props.onChoose}
      >
        <span>{titleOf(session)}</span>
        <span class="quiet">
          {moment(session.startedAtMs)}
          {runs ? ` · ${text('panel_runs')}` : lengthText(session)}
        </span>
      </button>
      {runs ? null : (
        <button
          type="button"
          class="plain"
          aria-label={text('panel_delete', titleOf(session))}
          onClick={props.onDelete}
        >
          {text('panel_delete_short')}
        </button>
      )}
    </li>
  )
}

const lengthText = ({ startedAtMs, endedAtMs }: TranscriptSession): string =>
  endedAtMs === undefined ? '' : ` · ${duration((endedAtMs - startedAtMs) / 1_000)}`
