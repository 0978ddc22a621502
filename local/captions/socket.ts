import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { SAMPLE_RATE_HZ } from '../recogniser/decode.ts'

/** What has been said: it grows until `isFinal`. */
export interface Caption {
  readonly startMs: number
  readonly text: string
  readonly isFinal: boolean
}

const frameMs = 100
const frameSamples = (SAMPLE_RATE_HZ * frameMs) / 1_000

const messageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('Turn'),
    transcript: z.string(),
    end_of_turn: z.boolean(),
    turn_is_formatted: z.boolean(),
    words: z.array(z.object({ start: z.number(), text: z.string() })),
  }),
  z.object({ type: z.literal('Termination') }),
  z.object({ type: z.literal('Error'), error: z.string() }),
])

/**
 * Plays samples (16 kHz, mono) into a session of AssemblyAI's streaming API in real time, and tells the captions as
 * they come.
 *
 * @throws {Error} with the vendor's reason, where the session ends before it was asked to
 */
export async function captionInRealTime(
  address: string,
  samples: Float32Array,
  onCaption: (caption: Caption) => void,
): Promise<void> {
  const socket = new WebSocket(address)
  const ended = Promise.withResolvers<void>()
  let reason = 'The captions were cut off.'
  socket.addEventListener('message', ({ data }) => {
    const message = messageSchema.safeParse(JSON.parse(String(data)))
    if (!message.success) return
    if (message.data.type === 'Error') reason = message.data.error
    if (message.data.type === 'Termination') ended.resolve()
    if (message.data.type === 'Turn') onCaption(toCaption(message.data))
  })
  socket.addEventListener('close', () => ended.reject(new Error(reason)))
  socket.addEventListener('error', () => ended.reject(new Error('The captions can’t be reached.')))
  await Promise.race([play(socket, samples), ended.promise])
  await ended.promise
  socket.close()
}

async function play(socket: WebSocket, samples: Float32Array): Promise<void> {
  await new Promise(resolve => socket.addEventListener('open', resolve, { once: true }))
  const startedMs = performance.now()
  for (let start = 0; start < samples.length; start += frameSamples) {
    socket.send(toPcm(samples.subarray(start, start + frameSamples)))
    const dueMs = startedMs + ((start + frameSamples) / SAMPLE_RATE_HZ) * 1_000
    await sleep(Math.max(0, dueMs - performance.now()))
  }
  socket.send(JSON.stringify({ type: 'Terminate' }))
}

/** 16-bit little-endian PCM; a last frame that would be too short for the vendor is filled with silence. */
function toPcm(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const pcm = new DataView(new ArrayBuffer(frameSamples * 2))
  samples.forEach((sample, index) => {
    pcm.setInt16(index * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true)
  })
  return new Uint8Array(pcm.buffer)
}

function toCaption(turn: Extract<z.infer<typeof messageSchema>, { type: 'Turn' }>): Caption {
  return {
    startMs: turn.words[0]?.start ?? 0,
    text: turn.end_of_turn ? turn.transcript : turn.words.map(word => word.text).join(' '),
    isFinal: turn.end_of_turn && turn.turn_is_formatted,
  }
}
