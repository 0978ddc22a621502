import { useState } from 'preact/hooks'
import { send } from '../../messages/send.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { text } from '../../ui/text.ts'
import { useLoaded } from '../../ui/use-loaded.ts'
import { useTask } from '../../ui/use-task.ts'
import { byteSize } from './byte-size.ts'

/** How much is stored on this computer, and the button that deletes it. */
export function StoredData({ onNote }: { readonly onNote: (words: string) => void }) {
  const size = useLoaded(async () => (await navigator.storage.estimate()).usage, [])
  const [asking, setAsking] = useState(false)
  const deleting = useTask(async () => {
    await send('data/delete-everything', {})
    size.reload()
    onNote(text('options_deleted'))
  })
  const answer = (yes: boolean): void => {
    setAsking(false)
    if (yes) void deleting.run()
  }
  return (
    <>
      {size.value === undefined ? null : <p>{text('options_storage', byteSize(size.value))}</p>}
      <div>
        <BusyButton class="danger" busy={deleting.busy} onClick={() => setAsking(true)}>
          {text('options_delete')}
        </BusyButton>
      </div>
      <ProblemNote problem={deleting.problem} />
      {asking ? (
        <Confirm
          question={text('options_delete_question')}
          yes={text('options_delete_yes')}
          onAnswer={answer}
        >
          <p>{text('options_delete_explained')}</p>
        </Confirm>
      ) : null}
    </>
  )
}
