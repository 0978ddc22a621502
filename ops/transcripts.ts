import { AssemblyAiSpeechJobs } from '../src/upstream/assemblyai/speech-jobs.ts'
import { AssemblyAiTranscriptDeletion } from '../src/upstream/assemblyai/transcript-deletion.ts'
import type { Target } from './target.ts'

const readTimeoutMs = 20_000

const accessOf = async (target: Target) => {
  const { transcripts } = await target.config('transcripts')
  return { apiKey: transcripts.ASSEMBLYAI_API_KEY, baseUrl: transcripts.ASSEMBLYAI_API_URL }
}

/** For reading transcripts; it can ask for none. */
export const speechOf = async (target: Target): Promise<AssemblyAiSpeechJobs> =>
  new AssemblyAiSpeechJobs({
    ...(await accessOf(target)),
    speechModels: [],
    callbackUrl: target.apiUrl,
    readTimeoutMs,
  })

export const transcriptDeletionOf = async (target: Target): Promise<AssemblyAiTranscriptDeletion> =>
  new AssemblyAiTranscriptDeletion(await accessOf(target))
