import type { Config } from '../config.ts'
import { Clips } from '../domain/clip.ts'
import { clipInspector } from '../media/clip-inspector.ts'
import { now, read, sleep } from './environment.ts'
import { type wireLedger, wireThrottle } from './ledger.ts'
import { wireSignedIn, wireSpending } from './signed-in.ts'
import { callbackSecretOf, wireSpeech } from './speech.ts'

export const wireClips = (
  config: Config<'base' | 'assemblyai'>,
  {
    ledger,
    outcomes,
    database,
    log,
  }: Pick<ReturnType<typeof wireLedger>, 'ledger' | 'outcomes' | 'database' | 'log'>,
  speech = wireSpeech(config),
): Clips => {
  const { assemblyai } = config
  return new Clips({
    ledger,
    outcomes,
    clips: clipInspector,
    speech,
    now,
    sleep,
    log,
    failureMeter: wireThrottle(database, config).failureMeter,
    waitMs: assemblyai.CLIP_WAIT_SECONDS * 1_000,
    holdMs: assemblyai.CLIP_HOLD_SECONDS * 1_000,
  })
}

export const wireClipCreate = async () => {
  const config = await read('auth', 'assemblyai', 'assemblyaiWebhook')
  const spending = wireSpending(config)
  const speech = wireSpeech(config, callbackSecretOf(config))
  return { ...spending, clips: wireClips(config, spending, speech) }
}

export const wireClipRead = async () => {
  const config = await read('auth', 'assemblyai')
  const signedIn = wireSignedIn(config)
  return { ...signedIn, ...wireThrottle(signedIn.database, config), clips: wireClips(config, signedIn) }
}
