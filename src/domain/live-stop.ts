import type { StopResponse } from '../contracts/live-captions.ts'
import { type Account, splitTotal } from './account.ts'
import type { Ledger, LiveSettlement } from './ledger.ts'
import { captionedMs, type LiveHold, type LiveRules, withAllowanceUsed } from './live-lease.ts'
import { noSuchCaptions } from './live-problems.ts'
import { liveCredits } from './price-list.ts'

export interface LiveStopDependencies {
  readonly ledger: Ledger
  readonly rules: LiveRules
}

/** Ending live captions. It needs no vendor: their socket ends with its token. */
export class LiveStops {
  readonly #deps: LiveStopDependencies

  constructor(dependencies: LiveStopDependencies) {
    this.#deps = dependencies
  }

  /**
   * Ends captions and charges them by our own clock. `endedAtMs` is the client's word that they ended earlier.
   * @throws {DomainError} `not_found`, `operation_in_progress`
   */
  async stop(userId: string, operationId: string, endedAtMs: number | undefined): Promise<StopResponse> {
    const { ledger, rules } = this.#deps
    const settled = await ledger.settleLive(userId, operationId, (account, hold, nowMs) =>
      stopped(account, hold, rules, nowMs, endedAtMs),
    )
    if (!settled) throw noSuchCaptions()
    const { metadata, creditsUsed } = settled.row
    return {
      operation_id: operationId,
      seconds: Number(metadata.seconds),
      credits_used: creditsUsed,
      credits_refunded: Number(metadata.credits_refunded),
      credits_available: settled.creditsAvailable,
    }
  }
}

/** Beyond the allowance nothing is given back: the captions cost what was held. */
const stopped = (
  account: Account,
  hold: LiveHold,
  rules: LiveRules,
  nowMs: number,
  endedAtMs: number | undefined,
): LiveSettlement => {
  const ranMs = captionedMs(hold.live, nowMs, endedAtMs)
  const held = splitTotal(hold.split)
  const cost = Math.min(held, liveCredits(ranMs))
  if (cost === held) return { cost, captionedMs: ranMs, endedBy: 'stop' }
  const allowanceUses = withAllowanceUsed(account.allowanceUses, rules, nowMs)
  return { cost: allowanceUses ? cost : held, captionedMs: ranMs, endedBy: 'stop', allowanceUses }
}
