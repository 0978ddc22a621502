import type { SoundFrame } from '../capture/sound.ts'
import { createSoundBuffer, type SoundBuffer } from '../capture/sound-buffer.ts'
import type { GapReason } from '../transcript/model.ts'
import { type Clock, sleep } from './clock.ts'
import { type Cut, cutInPause, cutInSpeech } from './cut.ts'
import type { Strand } from './joiner.ts'
import { Line } from './line.ts'
import { inSequence } from './pending-words.ts'
import type { Recorder } from './recorder.ts'
import type { OpenSocket } from './socket.ts'
import type { SpokenWord } from './word.ts'

export interface RelayOptions {
  readonly clock: Clock
  readonly recorder: Recorder
  readonly openSocket: OpenSocket
  /** What is said now has changed. */
  onPending(): void
  /** Why sound is lost that is lost now. */
  gapReason(): GapReason
}

/** A line that is fed, with the words that it contributes. */
interface Carrier {
  readonly line: Line
  readonly strand: Strand
}

const lookMs = 100
/** Silence before the sound that ends it. */
const beforeWakeMs = 1_000
/** Sound that is kept, beside what a line may have to be sent again. */
const keptMs = 2_000
/** How long the last sound may take to be sent. */
const feedWithinMs = 5_000

/**
 * Carries a session's sound from line to line, and what they understand to the recorder: each word once. It is given
 * every line that has opened, and told when to go on to another.
 */
export class Relay {
  readonly #options: RelayOptions
  readonly #buffer: SoundBuffer
  readonly #draining = new Map<Carrier, Promise<void>>()
  #carrier: Carrier | undefined
  /** What a line that was lost had understood: it counts where its sound can't be sent again. */
  #salvage: { readonly words: readonly SpokenWord[]; readonly strand: Strand } | undefined
  /** Where the next line begins. */
  #next = { fromMs: 0, overlaps: false }
  /** Nobody speaks, so there is no line. */
  #isSilent = false
  #lost: { readonly fromMs: number; readonly toMs: number; readonly reason: GapReason } | undefined

  constructor(options: RelayOptions) {
    this.#options = options
    this.#buffer = createSoundBuffer({ onLost: (fromMs, toMs) => this.#lose(fromMs, toMs) })
  }

  /** A line that will be fed once it is taken. @param socketUrl with its token */
  openLine(socketUrl: string): Line {
    const { clock, openSocket, onPending } = this.#options
    return new Line({ url: socketUrl, clock, openSocket, buffer: this.#buffer, onPending: () => onPending() })
  }

  /** The line that is fed now. */
  get line(): Line | undefined {
    return this.#carrier?.line
  }

  /** Sound that waits for a line, in ms. */
  get heldMs(): number {
    return this.#carrier ? this.#carrier.line.lagMs : this.#buffer.heldMs(this.#next.fromMs)
  }

  /** What has been understood and is not written yet. */
  get pending(): readonly SpokenWord[] {
    const { recorder } = this.#options
    const carriers = [...this.#draining.keys(), ...(this.#carrier ? [this.#carrier] : [])]
    const understood = carriers.flatMap(({ line }) => line.pending)
    return inSequence([...recorder.waiting, ...understood], recorder.writtenToMs)
  }

  hear(frame: SoundFrame): void {
    this.#buffer.add(frame)
    if (this.#isSilent) this.#skip()
    this.#carrier?.line.pump(frame.isSound)
  }

  /** Sound was captured that did not come. */
  missed(missingMs: number): void {
    const fromMs = this.#buffer.endMs
    this.#options.recorder.gap({ fromMs, toMs: fromMs + missingMs, reason: 'interrupted' })
  }

  /** Drops the sound that no line needs any more. To be called every second. */
  forget(): void {
    const neededMs = this.#carrier?.line.unheardFromMs ?? this.#next.fromMs
    const draining = [...this.#draining.keys()].map(({ line }) => line.sentToMs)
    this.#buffer.forgetBefore(Math.min(neededMs, ...draining) - keptMs)
  }

  /** Feeds a line that has opened, from where the last one was left. */
  take(line: Line): void {
    const { fromMs, overlaps } = this.#next
    this.#giveSalvage(Math.max(fromMs, this.#buffer.startMs))
    this.#tellLost()
    const strand = this.#options.recorder.strand(overlaps)
    this.#carrier = { line, strand }
    line.feedFrom(fromMs, words => strand.add(words))
  }

  /** Where the line may hand over to another now without cutting a word. @param reachMs how much longer it can be fed */
  pause(reachMs: number): Cut | undefined {
    const line = this.#carrier?.line
    return line && cutInPause(this.#buffer, line.sentToMs, reachMs)
  }

  /** Leaves the line at a cut: its last turns are awaited, while the next line may be taken. Where none is given, here. */
  handOver(cut: Cut = cutInSpeech(this.#carrier?.line.sentToMs ?? 0)): void {
    this.#next = { fromMs: cut.startsAtMs, overlaps: cut.overlaps }
    this.#retire(cut.stopsAtMs, cut.ownsToMs)
  }

  /** Leaves the line, for silence: the next one begins with the sound that ends it. */
  pauseLine(): void {
    this.#next = { fromMs: this.#buffer.endMs, overlaps: false }
    this.#isSilent = true
    this.#retire(this.#buffer.endMs, Number.POSITIVE_INFINITY)
  }

  /** The silence is over: its last second goes to the next line too, where a word may have begun softly. */
  wake(): void {
    this.#isSilent = false
  }

  /** The line has broken: what it had not made final is sent again to the next one. */
  breakOff(): void {
    const carrier = this.#carrier
    if (!carrier) return
    const { line, strand } = carrier
    this.#carrier = undefined
    this.#next = { fromMs: line.unheardFromMs, overlaps: true }
    this.#salvage = { words: line.pending, strand }
  }

  /** No more sound comes: what there is, is sent, and the last turns are awaited, 5 s each. */
  async finish(): Promise<void> {
    const line = this.#carrier?.line
    if (line) this.#retire(this.#buffer.endMs, Number.POSITIVE_INFINITY)
    else this.#abandon()
    await Promise.all(this.#draining.values())
  }

  /** There is no line that could still be sent what was heard. */
  #abandon(): void {
    this.#giveSalvage(Number.POSITIVE_INFINITY)
    if (!this.#isSilent && this.heldMs > 0) this.#lose(this.#next.fromMs, this.#buffer.endMs)
    this.#tellLost()
  }

  #skip(): void {
    const fromMs = Math.max(this.#next.fromMs, this.#buffer.endMs - beforeWakeMs)
    this.#next = { fromMs, overlaps: false }
    this.#buffer.forgetBefore(fromMs)
  }

  #retire(stopsAtMs: number, ownsToMs: number): void {
    const carrier = this.#carrier
    if (!carrier) return
    this.#carrier = undefined
    carrier.line.stopAt(stopsAtMs)
    carrier.strand.limit(ownsToMs)
    this.#draining.set(carrier, this.#drain(carrier, stopsAtMs))
  }

  async #drain(carrier: Carrier, stopsAtMs: number): Promise<void> {
    const { line, strand } = carrier
    await this.#feedToEnd(line)
    if (!line.isFed) this.#tellGap(line.sentToMs, stopsAtMs)
    line.terminate()
    await line.ended
    if (line.pending.length > 0) strand.add(line.pending)
    strand.end()
    this.#draining.delete(carrier)
    this.#options.onPending()
  }

  /** A line that lags behind is fed until it has had all, or can't be. */
  async #feedToEnd(line: Line): Promise<void> {
    const { clock } = this.#options
    const untilMs = clock.elapsedMs() + feedWithinMs
    while (!line.isFed && line.isOpen && clock.elapsedMs() < untilMs) {
      line.pump(false)
      await sleep(clock, lookMs, never)
    }
  }

  /** What a lost line had understood counts up to where its sound is sent again. */
  #giveSalvage(resentFromMs: number): void {
    const salvage = this.#salvage
    this.#salvage = undefined
    if (!salvage) return
    const words = salvage.words.filter(word => word.endMs <= resentFromMs)
    if (words.length > 0) salvage.strand.add(words)
    salvage.strand.end()
  }

  /** The buffer is full: sound is lost that no line has had. */
  #lose(fromMs: number, toMs: number): void {
    const neededMs = this.#carrier?.line.sentToMs ?? this.#next.fromMs
    if (fromMs < neededMs) return
    this.#lost = { fromMs: this.#lost?.fromMs ?? fromMs, toMs, reason: this.#options.gapReason() }
  }

  #tellLost(): void {
    if (this.#lost) this.#options.recorder.gap(this.#lost)
    this.#lost = undefined
  }

  #tellGap(fromMs: number, toMs: number): void {
    this.#options.recorder.gap({ fromMs, toMs, reason: this.#options.gapReason() })
  }
}

const never = new AbortController().signal
