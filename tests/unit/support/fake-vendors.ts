import { SourceError, UpstreamError } from '../../../src/domain/errors.ts'
import type {
  Answer,
  CatchupCallback,
  CatchupJob,
  CatchupQueue,
  ChannelRecordings,
  CheckoutOrder,
  CheckoutSession,
  ClipInspection,
  ClipInspector,
  FoundRecording,
  LanguageModel,
  Payments,
  RecordingWindow,
  Segment,
  SpeechJobs,
  Summary,
  Transcript,
  TranscriptState,
} from '../../../src/domain/ports.ts'

/** What a fake does next: answers, or throws. */
type Outcome<Value> = Value | Error

const play = <Value>(outcome: Outcome<Value>): Value => {
  if (outcome instanceof Error) throw outcome
  return outcome
}

export const vendorFails = (): UpstreamError => new UpstreamError('vendor', 'failed', 500)
export const vendorTimesOut = (): UpstreamError => new UpstreamError('vendor', 'timeout')

/** The `ClipInspector` port: every clip is what `inspection` says. */
export class FakeClipInspector implements ClipInspector {
  inspection: ClipInspection = { kind: 'audio', format: 'WAVE', durationMs: 7_100 }

  async inspect(): Promise<ClipInspection> {
    return this.inspection
  }
}

export const transcriptOf = (audioSeconds: number, text = 'He was here.'): Transcript => ({
  text,
  audioSeconds,
  words: [{ text, start_ms: 0, end_ms: Math.round(audioSeconds * 1_000), confidence: 0.9 }],
})

/** The `SpeechJobs` port. `states` are answered one after the other, and the last one for good. */
export class FakeSpeechJobs implements SpeechJobs {
  states: Outcome<TranscriptState>[] = [{ status: 'completed', transcript: transcriptOf(7.1) }]
  submission: Outcome<string> | undefined
  readonly submitted: { bytes: Uint8Array; userId: string; operationId: string }[] = []
  readonly reads: string[] = []

  async submit(bytes: Uint8Array, callback: { userId: string; operationId: string }): Promise<string> {
    this.submitted.push({ bytes, ...callback })
    return play(this.submission ?? `transcript-${this.submitted.length}`)
  }

  readonly streamed: { bytes: number[]; callback: CatchupCallback }[] = []

  async submitStream(audio: AsyncIterable<Uint8Array>, callback: CatchupCallback): Promise<string> {
    const bytes: number[] = []
    try {
      for await (const piece of audio) bytes.push(...piece)
    } catch (error) {
      throw error instanceof UpstreamError ? new SourceError(error) : error
    }
    this.streamed.push({ bytes, callback })
    return play(this.submission ?? `transcript-${this.streamed.length}`)
  }

  async read(transcriptId: string): Promise<TranscriptState> {
    this.reads.push(transcriptId)
    const [next, ...rest] = this.states
    if (next === undefined) throw new Error('The fake has no state to answer.')
    if (rest.length > 0) this.states = rest
    return play(next)
  }

  async hasEnded(transcriptId: string): Promise<boolean> {
    try {
      return (await this.read(transcriptId)).status !== 'processing'
    } catch (error) {
      if (error instanceof UpstreamError && error.kind === 'unreadable') return true
      throw error
    }
  }
}

/** The `LanguageModel` port. */
export class FakeLanguageModel implements LanguageModel {
  nextAnswer: Outcome<Answer> = { answer: 'Fifty pounds.', cited: [0] }
  nextSummary: Outcome<Summary> = { headline: 'Money was given.', points: [{ at_ms: 0, text: 'Fifty.' }] }
  calls = 0

  async answer(_question: string, _segments: readonly Segment[]): Promise<Answer> {
    this.calls += 1
    return play(this.nextAnswer)
  }

  async summarise(_segments: readonly Segment[]): Promise<Summary> {
    this.calls += 1
    return play(this.nextSummary)
  }

  async summariseNotes(_notes: Summary['points']): Promise<Summary> {
    this.calls += 1
    return play(this.nextSummary)
  }
}

/** The `CatchupQueue` port: keeps the jobs it was handed. */
export class FakeCatchupQueue implements CatchupQueue {
  failure: Error | undefined
  readonly jobs: CatchupJob[] = []

  async start(job: CatchupJob): Promise<void> {
    if (this.failure) throw this.failure
    this.jobs.push(job)
  }
}

/** Five minutes from the middle of a recording, half a minute of them muted. */
export const windowOf = (change: Partial<RecordingWindow> = {}): RecordingWindow => ({
  channel: 'speaks',
  recordingId: '2290000001',
  recordedAt: '2026-11-21T08:55:00Z',
  isLive: true,
  fromMs: 600_000,
  toMs: 900_000,
  mutedMs: 30_000,
  ...change,
})

/** The `ChannelRecordings` port: a window in `pieces`, a minute each, whose reading may fail with `failure`. */
export class FakeChannelRecordings implements ChannelRecordings {
  next: Outcome<RecordingWindow | FoundRecording> = windowOf()
  pieces: Uint8Array[] = [1, 2, 3, 4, 5].map(byte => new Uint8Array([byte]))
  failure: Error | undefined
  /** What happens before each piece. */
  beforePiece: () => void = () => undefined
  readonly asked: { channel: string; minutes: number }[] = []
  ended = false

  async findLast(channel: string, minutes: number): Promise<FoundRecording> {
    this.asked.push({ channel, minutes })
    const next = play(this.next)
    if ('found' in next) return next
    return { found: true, window: next, audio: { read: onProgress => this.#read(onProgress) } }
  }

  async *#read(onProgress: (doneMs: number) => void): AsyncGenerator<Uint8Array> {
    try {
      for (const [index, piece] of this.pieces.entries()) {
        this.beforePiece()
        yield piece
        onProgress((index + 1) * 60_000)
      }
      if (this.failure) throw this.failure
    } finally {
      this.ended = true
    }
  }
}

/** The `Payments` port: one customer a user, one session a transaction. */
export class FakePayments implements Payments {
  failure: Error | undefined
  readonly orders: CheckoutOrder[] = []
  readonly customers = new Map<string, string>()

  async createCustomer(userId: string): Promise<string> {
    if (this.failure) throw this.failure
    const customerId = `cus_${userId}`
    this.customers.set(customerId, userId)
    return customerId
  }

  async createCheckout(order: CheckoutOrder): Promise<CheckoutSession> {
    if (this.failure) throw this.failure
    this.orders.push(order)
    const sessionId = `cs_${order.transactionId}`
    return { sessionId, url: `https://pay.example/${sessionId}` }
  }

  async userOfCustomer(customerId: string): Promise<string | undefined> {
    if (this.failure) throw this.failure
    return this.customers.get(customerId)
  }
}
