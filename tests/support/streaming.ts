import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamingEventMessage, TurnEvent } from 'assemblyai'

/** What the stand-in listens to unless told otherwise. */
const SAMPLE_RATE_HZ = 16_000
const FRAME_MS = 100

/** A message of the server, with the time at which it came. */
export type Received = { atMs: number; message: StreamingEventMessage }

/** A streaming session over a plain WebSocket. */
export type Stream = {
  readonly received: Received[]
  /** The `Turn` messages that came so far. */
  turns(): TurnEvent[]
  /** Sends samples as they are, in messages of 100 ms. */
  send(samples: Float32Array): void
  sendBytes(bytes: Uint8Array<ArrayBuffer>): void
  /** Sends a text message: an object as JSON. */
  say(message: object | string): void
  /** Sends samples as they would be spoken; returns the time at which the first one was spoken. */
  play(samples: Float32Array): Promise<number>
  /** Resolves with how the session was closed. */
  readonly closed: Promise<{ code: number; reason: string }>
  /** Says `Terminate`, and resolves once the session is closed. */
  terminate(): Promise<void>
}

/** A temporary token of the stand-in. */
export async function fetchToken(
  origin: string,
  query: Record<string, string | number> = {},
): Promise<string> {
  const search = searchOf({ expires_in_seconds: 60, ...query })
  const response = await fetch(`${origin}/v3/token?${search}`, { headers: { authorization: 'the-key' } })
  const body = (await response.json()) as { token: string }
  return body.token
}

/** The address of a session. */
export function streamUrl(origin: string, query: Record<string, string | number>): string {
  const defaults = { speech_model: 'universal-streaming-english', sample_rate: SAMPLE_RATE_HZ }
  const search = searchOf({ ...defaults, ...query })
  return `${origin.replace(/^http/, 'ws')}/v3/ws?${search}`
}

function searchOf(query: Record<string, string | number>): URLSearchParams {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) search.set(name, String(value))
  return search
}

/** Opens a session; resolves once the line is open, before the server has said anything. */
export async function openStream(url: string): Promise<Stream> {
  const socket = new WebSocket(url)
  const received: Received[] = []
  socket.addEventListener('message', ({ data }) => {
    received.push({ atMs: performance.now(), message: JSON.parse(data) as StreamingEventMessage })
  })
  const closed = new Promise<{ code: number; reason: string }>(resolve => {
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }), { once: true })
  })
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true })
    socket.addEventListener('error', () => reject(new Error(`No session at ${url}`)), { once: true })
  })

  const stream: Stream = {
    received,
    closed,
    turns: () =>
      received
        .map(({ message }) => message)
        .filter((message): message is TurnEvent => message.type === 'Turn'),
    send: samples => framesOf(samples).forEach(stream.sendBytes),
    sendBytes: bytes => socket.send(bytes),
    say: message => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async play(samples) {
      const startMs = performance.now()
      for (const [index, frame] of framesOf(samples).entries()) {
        await sleep(Math.max(0, startMs + (index + 1) * FRAME_MS - performance.now()))
        if (socket.readyState === WebSocket.OPEN) stream.sendBytes(frame)
      }
      return startMs
    },
    async terminate() {
      stream.say({ type: 'Terminate' })
      await closed
    },
  }
  return stream
}

/** Messages of 100 ms of 16-bit samples; what is left over is filled up with silence. */
export function framesOf(samples: Float32Array): Uint8Array<ArrayBuffer>[] {
  const frameSamples = (SAMPLE_RATE_HZ * FRAME_MS) / 1000
  return Array.from({ length: Math.ceil(samples.length / frameSamples) }, (_, frame) => {
    const pcm = new Int16Array(frameSamples)
    const part = samples.subarray(frame * frameSamples, (frame + 1) * frameSamples)
    part.forEach((sample, index) => {
      pcm[index] = Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)))
    })
    return new Uint8Array(pcm.buffer)
  })
}
