import { clipInspector } from '../media/clip-inspector.ts'
import { wireClips } from './clips.ts'
import { read } from './environment.ts'
import { wireSpending } from './signed-in.ts'
import { callbackSecretOf, wireSpeech } from './speech.ts'

export const wireClipCreate = async () => {
  const config = await read('auth', 'assemblyai', 'assemblyaiWebhook')
  const spending = wireSpending(config)
  const speech = wireSpeech(config, callbackSecretOf(config))
  return { ...spending, clips: wireClips(config, spending, speech, clipInspector) }
}
