/** What is stored on this machine, and what must end first. */
export interface DeletePorts {
  endCaptions(): Promise<void>
  signOut(): Promise<unknown>
  closeEngine(): Promise<void>
  clearTranscripts(): Promise<void>
  clearStorage(): Promise<void>
  /** The page that a newcomer sees. */
  openWelcome(): Promise<unknown>
}

/**
 * Ends captions, signs out and forgets all that is stored here. What can't be ended is forgotten all the same; what
 * can't be forgotten is told, and the rest is forgotten nevertheless.
 *
 * @throws what a store says that can't be cleared
 */
export async function deleteEverything(ports: DeletePorts): Promise<void> {
  await Promise.allSettled([ports.endCaptions()])
  await Promise.allSettled([ports.signOut(), ports.closeEngine()])
  const cleared = await Promise.allSettled([ports.clearTranscripts(), ports.clearStorage()])
  await ports.openWelcome()
  for (const result of cleared) if (result.status === 'rejected') throw result.reason
}
