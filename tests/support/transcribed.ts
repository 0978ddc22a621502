import { readFile } from 'node:fs/promises'
import { AssemblyAI } from 'assemblyai'
import { fixturePath } from './speech.ts'
import type { Vendors } from './vendors.ts'

/** A transcript that has ended, as AssemblyAI keeps it: its id. */
export const transcribe = async ({ assemblyAiUrl }: Vendors): Promise<string> => {
  const sdk = new AssemblyAI({ apiKey: 'key', baseUrl: assemblyAiUrl })
  const { id } = await sdk.transcripts.transcribe(
    { audio: await readFile(fixturePath('austen-0880.wav')), speech_models: ['universal'] },
    { pollingInterval: 20 },
  )
  return id
}
