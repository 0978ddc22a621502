import type { Config } from '../config.ts'
import { type AssemblyAiOptions, AssemblyAiSpeechJobs } from '../upstream/assemblyai/speech-jobs.ts'

export const wireSpeech = (
  { assemblyai, base }: Config<'base' | 'assemblyai'>,
  options: Pick<AssemblyAiOptions, 'callbackSecret' | 'streamTimeoutMs' | 'readTimeoutMs'> = {},
): AssemblyAiSpeechJobs =>
  new AssemblyAiSpeechJobs({
    apiKey: assemblyai.ASSEMBLYAI_API_KEY,
    baseUrl: assemblyai.ASSEMBLYAI_API_URL,
    speechModels: assemblyai.ASSEMBLYAI_SPEECH_MODELS,
    callbackUrl: new URL('/webhooks/assemblyai', base.PUBLIC_API_URL).toString(),
    ...options,
  })

/** What asks for a transcript needs the secret that comes back with the call-back; what only reads one does not. */
export const callbackSecretOf = ({ assemblyaiWebhook }: Config<'assemblyaiWebhook'>) => ({
  callbackSecret: assemblyaiWebhook.ASSEMBLYAI_WEBHOOK_SECRET,
})
