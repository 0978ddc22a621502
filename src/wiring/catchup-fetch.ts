import { DynamoCatchupProgress } from '../db/catchup-progress.ts'
import { CatchupFetcher } from '../domain/catchup-fetcher.ts'
import { fetchRunMs, findTimeoutMs, streamTimeoutMs } from '../timing.ts'
import { TwitchRecordings } from '../upstream/twitch/recordings.ts'
import { backoff, now, sleep } from './clock.ts'
import { read } from './environment.ts'
import { wireLedger, wireThrottle } from './ledger.ts'
import { callbackSecretOf, wireSpeech } from './speech.ts'

export const wireCatchupFetch = async () => {
  const config = await read('assemblyai', 'assemblyaiWebhook', 'twitch')
  const { outcomes, database, log } = wireLedger(config)
  const { twitch } = config
  const recordings = new TwitchRecordings({
    clientId: twitch.TWITCH_CLIENT_ID,
    clientSecret: twitch.TWITCH_CLIENT_SECRET,
    playbackClientId: twitch.TWITCH_PLAYBACK_CLIENT_ID,
    authUrl: twitch.TWITCH_AUTH_URL,
    apiUrl: twitch.TWITCH_API_URL,
    gqlUrl: twitch.TWITCH_GQL_URL,
    usherUrl: twitch.TWITCH_USHER_URL,
    mediaHosts: twitch.TWITCH_MEDIA_HOSTS,
    now,
    sleep,
    limits: { findTimeoutMs },
  })
  const fetcher = new CatchupFetcher({
    outcomes,
    recordings,
    speech: wireSpeech(config, { ...callbackSecretOf(config), streamTimeoutMs }),
    progress: new DynamoCatchupProgress(database, backoff),
    failureMeter: wireThrottle(database, config).failureMeter,
    now,
    backoff,
    log,
    longestRunMs: fetchRunMs,
  })
  return { fetcher }
}
