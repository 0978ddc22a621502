import type { BalanceResponse } from '../../src/contracts/credits.ts'

/** The balance is asked for once in this time at most. */
const restMs = 1_000

/** A balance, and when it was asked for. */
export interface SeenBalance {
  readonly value: BalanceResponse
  readonly atMs: number
}

export interface BalancePorts {
  ask(): Promise<BalanceResponse>
  read(): Promise<SeenBalance | undefined>
  write(seen: SeenBalance): Promise<void>
  nowMs(): number
  wait(ms: number): Promise<void>
}

/** The balance as last seen, and its renewal. */
export function createBalance(ports: BalancePorts) {
  let next: Promise<BalanceResponse> | undefined
  let askedAtMs = Number.NEGATIVE_INFINITY
  let asked = 0
  let newest = 0

  const askInTurn = async (): Promise<BalanceResponse> => {
    await ports.wait(Math.max(0, askedAtMs + restMs - ports.nowMs()))
    next = undefined
    askedAtMs = ports.nowMs()
    const atMs = askedAtMs
    asked += 1
    const turn = asked
    const value = await ports.ask()
    // An answer that comes after a later one's is out of date.
    if (turn < newest) return value
    newest = turn
    await ports.write({ value, atMs })
    return value
  }

  /** Asks anew, once a second at most: calls that come meanwhile are answered together. */
  const refresh = (): Promise<BalanceResponse> => {
    next ??= askInTurn()
    return next
  }

  return {
    refresh,
    /** The balance as last seen; asked for where none was. */
    seen: async (): Promise<BalanceResponse> => (await ports.read())?.value ?? refresh(),
  }
}
