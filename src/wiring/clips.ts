import type { Config } from '../config.ts'
import { Clips } from '../domain/clip.ts'
import type { ClipInspector } from '../domain/ports.ts'
import { now, sleep } from './clock.ts'
import { read } from './environment.ts'
import { type wireLedger, wireThrottle } from './ledger.ts'
import { wireSignedIn } from './signed-in.ts'
import { wireSpeech } from './speech.ts'

/** For functions that read and finish clips: those take none, and their zips hold nothing to look into one with. */
const noInspector: ClipInspector = { inspect: () => Promise.reject(new Error('No clip is taken here.')) }

export const wireClips = (
  config: Config<'base' | 'assemblyai'>,
  {
    ledger,
    outcomes,
    database,
    log,
  }: Pick<ReturnType<typeof wireLedger>, 'ledger' | 'outcomes' | 'database' | 'log'>,
  speech = wireSpeech(config),
  clips = noInspector,
): Clips => {
  const { assemblyai } = config
  return new Clips({
    ledger,
    outcomes,
    clips,
    speech,
    now,
    sleep,
    log,
    failureMeter: wireThrottle(database, config).failureMeter,
    waitMs: assemblyai.CLIP_WAIT_SECONDS * 1_000,
    holdMs: assemblyai.CLIP_HOLD_SECONDS * 1_000,
  })
}

export const wireClipRead = async () => {
  const config = await read('auth', 'assemblyai')
  const signedIn = wireSignedIn(config)
  return { ...signedIn, ...wireThrottle(signedIn.database, config), clips: wireClips(config, signedIn) }
}
