import type { BeginEvent, ErrorEvent, TerminationEvent } from 'assemblyai'
import type { RawData, WebSocket } from 'ws'
import { SAMPLE_RATE_HZ } from '../../../recogniser/decode.ts'
import {
  createLiveRecogniser,
  type LiveRecogniser,
  type LiveTurn,
} from '../../../recogniser/live/live-recogniser.ts'
import type { Recogniser } from '../../../recogniser/recogniser.ts'
import { capReached, closeReason, inactive, SessionFailure, serverError, tooSlow } from './failure.ts'
import { parseClientMessage, speechStarted, turnMessages } from './messages.ts'
import { createPace } from './pace.ts'
import { bytesPerSample, decodePcm } from './pcm.ts'
import type { SessionRecord } from './records.ts'
import { createResampler } from './resampler.ts'
import { type SessionSettings, turnSilenceMs, updateSettings } from './settings.ts'

/** Sound that waits longer than this to be recognised is given up. */
const MOST_SECONDS_BEHIND = 60

export type SessionOptions = {
  recogniser: Recogniser
  settings: SessionSettings
  /** What is known of the session; it is kept up to date. */
  record: SessionRecord
  /** Is told of failures that are not the client's fault. */
  onBug(error: unknown): void
}

/** A session that is open. */
export type Session = {
  /** Ends it with an error, as the server does. */
  fail(failure: SessionFailure): void
  /** Ends it without a word, as a broken line does. */
  drop(): void
}

/** Carries a session from `Begin` to its end. */
export function openSession(socket: WebSocket, options: SessionOptions): Session {
  const { settings, record } = options
  const openedAtMs = Date.parse(record.opened_at)
  const pace = createPace(openedAtMs)
  const resample = createResampler(settings.sampleRate, SAMPLE_RATE_HZ)
  const live = createLiveRecogniser({
    recogniser: options.recogniser,
    turnSilenceMs: () => turnSilenceMs(settings),
    onTurn: tellTurn,
    onFailure(error) {
      options.onBug(error)
      fail(serverError())
    },
  })
  let begunTurns = 0
  let isTerminating = false
  let inactivity: NodeJS.Timeout | undefined
  const cap = setTimeout(() => fail(capReached()), record.cap_seconds * 1000)

  send({
    type: 'Begin',
    id: record.id,
    expires_at: Math.floor(openedAtMs / 1000) + record.cap_seconds,
  } satisfies BeginEvent)
  noteActivity()

  socket.on('message', (data, isBinary) => {
    if (isTerminating || record.close_code !== null) return
    noteActivity()
    try {
      if (isBinary) hearAudio(toBuffer(data))
      else obey(toBuffer(data).toString())
    } catch (error) {
      if (!(error instanceof SessionFailure)) throw error
      fail(error)
    }
  })
  socket.on('error', () => socket.terminate())
  socket.on('close', code => close(code))

  function hearAudio(bytes: Buffer): void {
    const seconds = bytes.length / bytesPerSample(settings.encoding) / settings.sampleRate
    pace.check(seconds * 1000, Date.now())
    record.audio_seconds += seconds
    live.add(resample(decodePcm(bytes, settings.encoding)))
    if (live.secondsBehind() > MOST_SECONDS_BEHIND) fail(tooSlow())
  }

  function obey(text: string): void {
    const message = parseClientMessage(text)
    if (message.type === 'UpdateConfiguration') updateSettings(settings, message)
    if (message.type === 'ForceEndpoint') void live.endTurn()
    if (message.type === 'Terminate') void terminate(live)
  }

  async function terminate(listening: LiveRecogniser): Promise<void> {
    isTerminating = true
    await listening.endTurn()
    if (record.close_code !== null) return
    send({
      type: 'Termination',
      audio_duration_seconds: Math.round(record.audio_seconds),
      session_duration_seconds: Math.round((Date.now() - openedAtMs) / 1000),
    } satisfies TerminationEvent)
    socket.close(1000)
    close(1000)
  }

  function tellTurn(turn: LiveTurn): void {
    if (turn.order === begunTurns) {
      begunTurns += 1
      send(speechStarted(turn))
    }
    for (const message of turnMessages(turn, settings)) send(message)
  }

  function noteActivity(): void {
    const seconds = settings.inactivityTimeoutSeconds
    if (seconds === undefined) return
    clearTimeout(inactivity)
    inactivity = setTimeout(() => fail(inactive(seconds)), seconds * 1000)
  }

  function fail(failure: SessionFailure): void {
    if (record.close_code !== null) return
    refuse(socket, failure)
    close(failure.closeCode)
  }

  /** The first code counts: what the other side answers to it, or that its line broke, comes later. */
  function close(code: number): void {
    clearTimeout(cap)
    clearTimeout(inactivity)
    live.stop()
    if (record.close_code !== null) return
    record.close_code = code
    record.closed_at = new Date().toISOString()
  }

  function send(message: object): void {
    socket.send(JSON.stringify(message))
  }

  return {
    fail,
    drop() {
      socket.terminate()
    },
  }
}

/** Tells why, and closes. */
export function refuse(socket: WebSocket, failure: SessionFailure): void {
  const message: ErrorEvent = { type: 'Error', error_code: failure.closeCode, error: failure.message }
  socket.send(JSON.stringify(message))
  socket.close(failure.closeCode, closeReason(failure))
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
