import type { Config } from '../config.ts'
import { LiveCaptions } from '../domain/live.ts'
import type { LiveRules } from '../domain/live-lease.ts'
import { LiveStops } from '../domain/live-stop.ts'
import { AssemblyAiLiveSessions } from '../upstream/assemblyai/live-sessions.ts'
import { backoff, now } from './clock.ts'
import { read } from './environment.ts'
import { wireThrottle } from './ledger.ts'
import { wireSignedIn, wireSpending } from './signed-in.ts'

const liveRules = ({ live }: Config<'live'>): LiveRules => ({
  leaseSeconds: live.LIVE_LEASE_SECONDS,
  shortestLeaseSeconds: live.LIVE_SHORTEST_LEASE_SECONDS,
  renewWindowSeconds: live.LIVE_RENEW_WINDOW_SECONDS,
  redeemSeconds: live.LIVE_REDEEM_SECONDS,
  shortestSessionSeconds: live.LIVE_SHORTEST_SESSION_SECONDS,
  danglingSeconds: live.LIVE_DANGLING_SECONDS,
  allowancePerHour: live.LIVE_ALLOWANCE_PER_HOUR,
  allowancePerDay: live.LIVE_ALLOWANCE_PER_DAY,
})

/** For starting live captions and going on with them. */
export const wireLive = async () => {
  const config = await read('auth', 'live', 'liveSessions')
  const spending = wireSpending(config)
  const { ledger, store, activity } = spending
  const { liveSessions } = config
  const sessions = new AssemblyAiLiveSessions({
    apiKey: liveSessions.ASSEMBLYAI_API_KEY,
    streamingUrl: liveSessions.ASSEMBLYAI_STREAMING_URL,
    models: liveSessions.LIVE_MODELS,
    inactivitySeconds: liveSessions.LIVE_INACTIVITY_SECONDS,
  })
  const rules = liveRules(config)
  return { ...spending, live: new LiveCaptions({ ledger, store, activity, sessions, rules, now, backoff }) }
}

export const wireLiveStop = async () => {
  const config = await read('auth', 'live')
  const signedIn = wireSignedIn(config)
  const stops = new LiveStops({ ledger: signedIn.ledger, rules: liveRules(config) })
  return { ...signedIn, ...wireThrottle(signedIn.database, config), stops }
}
