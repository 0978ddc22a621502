import Fastify, { type FastifyInstance } from 'fastify'
import { findFreePort } from '../../local/ports.ts'
import type { Recogniser } from '../../local/recogniser/recogniser.ts'
import { assemblyAiStandIn } from '../../local/stand-ins/assemblyai/plugin.ts'
import { openAiStandIn } from '../../local/stand-ins/openai/plugin.ts'
import { twitchStandIn } from '../../local/stand-ins/twitch/plugin.ts'

/** A recogniser for tests that are not about speech: it hears the same two words in everything, at once. */
const deafRecogniser: Recogniser = {
  transcribe: async () => ({
    text: 'two words',
    words: [
      { text: 'two', start_ms: 0, end_ms: 100, confidence: 0.9 },
      { text: 'words', start_ms: 100, end_ms: 200, confidence: 0.9 },
    ],
  }),
  hear: async () => [
    { text: 'two', confidence: 0.9, tokens: [1023] },
    { text: 'words', confidence: 0.9, tokens: [3838] },
  ],
  close: async () => undefined,
}

export interface Vendors {
  readonly origin: string
  readonly assemblyAiUrl: string
  readonly openAiUrl: string
  readonly twitchUrl: string
  /** Sets what a stand-in's `/control` takes. */
  control(vendor: 'assemblyai' | 'openai' | 'twitch', change: object): Promise<void>
  close(): Promise<void>
}

const post = async (url: string, body: object): Promise<void> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`)
}

/** The AssemblyAI, OpenAI and Twitch stand-ins on one free port. Without a recogniser, speech is not really heard. */
export const startVendors = async (recogniser: Recogniser = deafRecogniser): Promise<Vendors> => {
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}`
  const app: FastifyInstance = Fastify({ forceCloseConnections: true })
  const assemblyAiUrl = `${origin}/assemblyai`
  await app.register(assemblyAiStandIn, {
    prefix: '/assemblyai',
    publicUrl: assemblyAiUrl,
    recogniser,
    webhookRetryDelaysMs: [],
  })
  await app.register(openAiStandIn, { prefix: '/openai' })
  const twitchUrl = `${origin}/twitch`
  await app.register(twitchStandIn, { prefix: '/twitch', publicUrl: twitchUrl, apiUrl: origin })
  await app.listen({ port, host: '127.0.0.1' })
  return {
    origin,
    assemblyAiUrl,
    openAiUrl: `${origin}/openai/v1`,
    twitchUrl,
    control: (vendor, change) => post(`${origin}/${vendor}/control`, change),
    close: () => app.close(),
  }
}
