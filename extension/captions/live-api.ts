import type { LeaseResponse, StopResponse } from '../../src/contracts/live-captions.ts'

/** The backend's routes of live captions. Each method throws a {@link Problem}. */
export interface LiveApi {
  /** @param language two letters, `multi`, or empty for the backend's first */
  startLive(idempotencyKey: string, language: string): Promise<LeaseResponse>
  renewLive(operationId: string, lease: number): Promise<LeaseResponse>
  /** @param endedAtMs when the last sound was; now where absent */
  stopLive(operationId: string, endedAtMs?: number): Promise<StopResponse>
}
