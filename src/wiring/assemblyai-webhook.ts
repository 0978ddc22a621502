import { isSameSecret } from '../security/secrets.ts'
import { callbackSecretHeader } from '../upstream/assemblyai/speech-jobs.ts'
import { wireCatchupQueue } from './catchup-queue.ts'
import { wireClips } from './clips.ts'
import { read } from './environment.ts'
import { wireLedger } from './ledger.ts'

export const wireAssemblyAiWebhook = async () => {
  const config = await read('assemblyai', 'assemblyaiWebhook')
  const ledger = wireLedger(config)
  const secret = config.assemblyaiWebhook.ASSEMBLYAI_WEBHOOK_SECRET
  return {
    http: ledger.http,
    clips: wireClips(config, ledger),
    queue: wireCatchupQueue(config),
    secretHeader: callbackSecretHeader,
    isOurSecret: (candidate: string) => isSameSecret(candidate, secret),
  }
}
