/** What is known of the way to the backend. */
export interface Network {
  /** Whether the browser thinks that there is a network. */
  isOnline(): boolean
  /** Whether the backend answers at all, within a few seconds. */
  isReachable(): Promise<boolean>
}
