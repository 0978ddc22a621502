import { LiveCaptions } from '../../src/domain/live.ts'
import type { LiveRules } from '../../src/domain/live-lease.ts'
import { LiveStops } from '../../src/domain/live-stop.ts'
import type { LiveSessions } from '../../src/domain/ports.ts'
import type { TestLedger } from './ledger.ts'

/** The rules as they stand in serverless.yml. */
export const liveRules: LiveRules = {
  leaseSeconds: 300,
  shortestLeaseSeconds: 60,
  renewWindowSeconds: 30,
  redeemSeconds: 60,
  shortestSessionSeconds: 60,
  danglingSeconds: 3_600,
  allowancePerHour: 6,
  allowancePerDay: 20,
}

/** A vendor that hands out numbered tokens and remembers how long a session each can open. */
export class CountingSessions implements LiveSessions {
  readonly languages: readonly [string, ...string[]] = ['en', 'multi']
  /** By token, in seconds. */
  readonly minted = new Map<string, number>()

  address(language: string): string {
    return `wss://streaming.example.com/v3/ws?language=${language}`
  }

  async mintToken({ sessionSeconds }: { sessionSeconds: number }): Promise<string> {
    const token = `token-${this.minted.size + 1}`
    this.minted.set(token, sessionSeconds)
    return token
  }
}

/** Live captions on the real tables. */
export const createLive = (
  { ledger, store, activity, now }: TestLedger,
  sessions: LiveSessions,
  rules: LiveRules = liveRules,
) => ({
  live: new LiveCaptions({ ledger, store, activity, sessions, rules, now, backoff: () => Promise.resolve() }),
  stops: new LiveStops({ ledger, rules }),
})

export type TestLive = ReturnType<typeof createLive>
