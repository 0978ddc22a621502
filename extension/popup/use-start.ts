import { useEffect, useState } from 'preact/hooks'
import { send } from '../messages/send.ts'
import { type Task, useTask } from '../ui/use-task.ts'
import { allowCapture, takeStartIntent } from './allow-capture.ts'

/** Starts captions of a tab, or asks the browser first whether it may. */
export function useStart(
  tabId: number,
  mayCapture: boolean,
): Task<[takeOver: boolean]> & { readonly isJustAllowed: boolean } {
  const [isJustAllowed, setIsJustAllowed] = useState(false)
  const task = useTask(async (takeOver: boolean) => {
    if (mayCapture) {
      await send('captions/start', { tabId, takeOver })
    } else {
      await allowCapture(tabId, takeOver)
      setIsJustAllowed(true)
    }
  })
  useEffect(() => {
    if (mayCapture) void takeStartIntent(tabId).then(intent => intent && task.run(intent.takeOver))
  }, [])
  return { ...task, isJustAllowed }
}
