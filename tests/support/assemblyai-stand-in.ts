import Fastify from 'fastify'
import { findFreePort } from '../../local/ports.ts'
import type { Recogniser } from '../../local/recogniser/recogniser.ts'
import { type AssemblyAiStandInOptions, assemblyAiStandIn } from '../../local/stand-ins/assemblyai/plugin.ts'

/** Nothing is said, and nothing heard. */
const silentRecogniser: Recogniser = {
  transcribe: async () => ({ text: '', words: [] }),
  hear: async () => [],
  close: async () => undefined,
}

/** The AssemblyAI stand-in on a free port, for tests of its tokens and sessions: it hears nothing. */
export const startSilentAssemblyAi = async (
  options: Pick<AssemblyAiStandInOptions, 'apiKey' | 'minimumSessionSeconds'>,
): Promise<{ readonly origin: string; close(): Promise<void> }> => {
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}/assemblyai`
  const app = Fastify({ forceCloseConnections: true })
  await app.register(assemblyAiStandIn, {
    prefix: '/assemblyai',
    publicUrl: origin,
    recogniser: silentRecogniser,
    ...options,
  })
  await app.listen({ port, host: '127.0.0.1' })
  return { origin, close: () => app.close() }
}
