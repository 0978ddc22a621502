import type { LeftOpenCount } from './captions.ts'

/** How long a listener waits for the backend to be told of captions that are over. */
const tellingMs = 10_000

/** What is stored on this machine, and what must end first. */
export interface DeletePorts {
  endCaptions(): Promise<unknown>
  closeEngine(): Promise<void>
  /** Has the backend end what is open there, while there is still a token and a note of it. */
  closeLeftOpen(): Promise<LeftOpenCount>
  signOut(): Promise<unknown>
  clearTranscripts(): Promise<void>
  clearStorage(): Promise<void>
  /** The page that a newcomer sees. @param isLeftOpen whether it says that captions may cost more than was heard */
  openWelcome(isLeftOpen: boolean): Promise<unknown>
  wait(ms: number): Promise<void>
}

/**
 * Ends captions, signs out and forgets all that is stored here. What can't be ended is forgotten all the same, and the
 * listener is told; what can't be forgotten is told, and the rest is forgotten nevertheless.
 *
 * @throws what a store says that can't be cleared
 */
export async function deleteEverything(ports: DeletePorts): Promise<void> {
  await Promise.allSettled([ports.endCaptions()])
  await Promise.allSettled([ports.closeEngine()])
  const isLeftOpen = await staysOpen(ports)
  await Promise.allSettled([ports.signOut()])
  const cleared = await Promise.allSettled([ports.clearTranscripts(), ports.clearStorage()])
  await ports.openWelcome(isLeftOpen)
  for (const result of cleared) if (result.status === 'rejected') throw result.reason
}

/** Where that can't be learnt, it may. */
const staysOpen = ({ closeLeftOpen, wait }: DeletePorts): Promise<boolean> =>
  Promise.race([
    closeLeftOpen().then(
      ({ own, others }) => own + others > 0,
      () => true,
    ),
    wait(tellingMs).then(() => true),
  ])
