import type { SoundFrame } from '../capture/sound.ts'
import { createSoundBuffer, type SoundBuffer } from '../capture/sound-buffer.ts'
import type { GapReason } from '../transcript/model.ts'
import { type Clock, sleep } from './clock.ts'
import { type Cut, cutInPause, cutInSilence, cutInSpeech, hasSound } from './cut.ts'
import type { Strand } from './joiner.ts'
import { Line } from './line.ts'
import { lineBreakMeans } from './line-break.ts'
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
  /** Its sound is sent again to another. */
  isDiscarded: boolean
}

/** What a line had understood that was not final. */
interface Salvage {
  readonly words: readonly SpokenWord[]
  readonly strand: Strand
}

/** A word may sound on after its end. */
const wordTailMs = 100
const lookMs = 100
/** Silence before the sound that ends it. */
const beforeWakeMs = 1_000
/** Sound that is kept, beside what a line may have to be sent again. */
const keptMs = 2_000
/** How long a line that is left may take to be sent what it has yet to hear. */
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
  #salvage: Salvage | undefined
  /** A line that was left has broken before its last turns came: all since then is sent again. */
  #rewind: { readonly fromMs: number; readonly salvage: Salvage } | undefined
  /** Where the next line begins. */
  #next = { fromMs: 0, overlaps: false }
  /** What a line was sent that was thought to hang: it is lost, if another hears words in what came right after. */
  #doubt: { readonly fromMs: number; readonly toMs: number; readonly heardToMs: number } | undefined
  /** Nobody speaks, so there is no line. */
  #isSilent = false
  #isFinishing = false
  /** Where what is left of the sound begins that the buffer had no room for. */
  #droppedToMs = 0
  #unsent: { readonly fromMs: number; readonly toMs: number } | undefined

  constructor(options: RelayOptions) {
    this.#options = options
    this.#buffer = createSoundBuffer({ onLost: (fromMs, toMs) => this.#drop(fromMs, toMs) })
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

  /** Whether something can be heard in what waits for a line. */
  get holdsSound(): boolean {
    return hasSound(this.#buffer, this.#next.fromMs, this.#buffer.endMs)
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
    this.#carrier?.line.pump()
  }

  /** Sound was captured that did not come. */
  missed(missingMs: number): void {
    const fromMs = this.#buffer.endMs
    this.#options.recorder.gap({ fromMs, toMs: fromMs + missingMs, reason: 'interrupted' })
  }

  /** Drops the sound that no line needs any more. To be called every second. */
  forget(): void {
    const neededMs = this.#carrier?.line.unheardFromMs ?? this.#next.fromMs
    this.#tellUnsent()
    this.#buffer.forgetBefore(Math.min(neededMs, this.#drainingFromMs) - keptMs)
  }

  /** From where on lines that were left may still be found not to have heard. */
  get #drainingFromMs(): number {
    return Math.min(...[...this.#draining.keys()].map(({ line }) => line.unheardFromMs))
  }

  /** Feeds a line that has opened, from where the last one was left. */
  take(line: Line): void {
    const { fromMs, overlaps } = this.#next
    this.#giveSalvage(Math.max(fromMs, this.#droppedToMs))
    this.#tellLost(fromMs, this.#droppedToMs)
    const strand = this.#options.recorder.strand(overlaps)
    this.#carrier = { line, strand, isDiscarded: false }
    line.feedFrom(fromMs, words => {
      this.#resolveDoubt(words)
      strand.add(words)
    })
  }

  /** Where the line may hand over to another now without cutting a word. @param reachMs how much longer it can be fed */
  pause(reachMs: number): Cut | undefined {
    const line = this.#carrier?.line
    return line && cutInPause(this.#buffer, line.sentToMs, reachMs)
  }

  /** Leaves the line at a cut: its last turns are awaited, while the next line may be taken. Where none is given, here. */
  handOver(cut: Cut = cutInSpeech(this.#carrier?.line.sentToMs ?? 0)): void {
    this.#retire(cut)
  }

  /** Leaves the line, for silence: the next one begins with the sound that ends it. */
  pauseLine(): void {
    this.#isSilent = true
    this.#retire(cutInSilence(this.#buffer.endMs))
  }

  /** The silence is over: its last second goes to the next line too, where a word may have begun softly. */
  wake(): void {
    this.#isSilent = false
  }

  /** The line has broken: what it had not made final is sent again to the next one. */
  breakOff(): void {
    const carrier = this.#carrier
    this.#carrier = undefined
    if (this.#rewind) {
      const { fromMs, salvage } = this.#rewind
      this.#next = { fromMs, overlaps: true }
      this.#salvage = salvage
      this.#rewind = undefined
    } else if (carrier) {
      const { line, strand } = carrier
      this.#next = { fromMs: line.unheardFromMs, overlaps: true }
      this.#salvage = { words: line.pending, strand }
      if (line.unanswered) this.#doubt = { ...line.unanswered, heardToMs: line.sentToMs }
    }
  }

  #resolveDoubt([first]: readonly SpokenWord[]): void {
    const doubt = this.#doubt
    if (!doubt || !first) return
    this.#doubt = undefined
    if (first.startMs < doubt.heardToMs) this.#tellLost(doubt.fromMs, doubt.toMs)
  }

  /** No more sound comes: a line that lags behind is fed the rest, while it may. */
  async feedRest(withinMs: number): Promise<void> {
    const line = this.#carrier?.line
    line?.stopAt(this.#buffer.endMs)
    if (line) await this.#feedToEnd(line, withinMs)
  }

  /** No more sound comes, and none is sent: the last turns are awaited, 5 s each. */
  async finish(): Promise<void> {
    this.#isFinishing = true
    const line = this.#carrier?.line
    if (line) this.#retire(cutInSilence(this.#buffer.endMs))
    else this.#abandon()
    await Promise.all(this.#draining.values())
  }

  /** There is no line that could still be sent what was heard. */
  #abandon(): void {
    this.#giveSalvage(Number.POSITIVE_INFINITY)
    if (!this.#isSilent && this.holdsSound) this.#tellLost(this.#next.fromMs, this.#buffer.endMs)
  }

  #skip(): void {
    const fromMs = Math.max(this.#next.fromMs, this.#buffer.endMs - beforeWakeMs)
    this.#next = { fromMs, overlaps: false }
    this.#buffer.forgetBefore(Math.min(fromMs, this.#drainingFromMs))
  }

  #retire(cut: Cut): void {
    this.#next = { fromMs: cut.startsAtMs, overlaps: cut.overlaps }
    const carrier = this.#carrier
    if (!carrier) return
    this.#carrier = undefined
    carrier.line.stopAt(cut.stopsAtMs)
    carrier.strand.limit(cut.ownsToMs)
    this.#draining.set(carrier, this.#drain(carrier, cut))
  }

  async #drain(carrier: Carrier, cut: Cut): Promise<void> {
    const { line } = carrier
    await this.#feedToEnd(line, this.#isFinishing ? 0 : feedWithinMs)
    line.terminate()
    const end = await line.ended
    const later = this.#after(carrier)
    this.#draining.delete(carrier)
    if (carrier.isDiscarded) return
    const isWhole = line.isFed && (end.kind === 'terminated' || this.#hasSaidAll(line, end.code, cut))
    if (isWhole) this.#giveRest(carrier)
    else if (!this.#isFinishing && !this.#isSilent) this.#rewindTo(carrier, later)
    else this.#giveRest(carrier, cut.stopsAtMs)
    this.#options.onPending()
  }

  /**
   * Whether all that could be heard is known, though the line did not say that it has ended: what is final is, and of a
   * line whose time was over the last turn too, which it may have been about to end.
   */
  #hasSaidAll(line: Line, code: number, cut: Cut): boolean {
    const fromMs = Math.max(line.finalToMs, ...line.pending.map(word => word.endMs)) + wordTailMs
    const isOver = lineBreakMeans(code) === 'session_over' && !line.isNoticedLate
    return (
      (isOver || line.pending.length === 0) &&
      !hasSound(this.#buffer, fromMs, Math.min(cut.knownFromMs, cut.stopsAtMs))
    )
  }

  /** The lines that came after one. */
  #after(carrier: Carrier): Carrier[] {
    const carriers = [...this.#draining.keys()]
    return carriers.slice(carriers.indexOf(carrier) + 1)
  }

  /** All that was heard since a line broke that was left is sent again: none of it is written yet. */
  #rewindTo({ line, strand }: Carrier, later: readonly Carrier[]): void {
    this.#rewind = { fromMs: line.unheardFromMs, salvage: { words: line.pending, strand } }
    strand.dropLater()
    for (const carrier of later) discard(carrier)
    if (this.#carrier) discard(this.#carrier)
    else this.breakOff()
  }

  /**
   * What a line had understood when it ended is all that comes of it. What it lost is told first: what later lines have
   * said is written as soon as it ends.
   *
   * @param lostToMs where it should have ended
   */
  #giveRest({ line, strand }: Carrier, lostToMs?: number): void {
    const understood = line.pending
    if (lostToMs !== undefined && (line.isNoticedLate || !line.isFed)) {
      const heardToMs = line.isNoticedLate ? line.unheardFromMs : line.sentToMs
      this.#tellGap(Math.max(heardToMs, ...understood.map(word => word.endMs)), lostToMs)
    }
    if (understood.length > 0) strand.add(understood)
    strand.end()
  }

  /** A line that lags behind is fed until it has had all, or can't be. */
  async #feedToEnd(line: Line, withinMs: number): Promise<void> {
    const { clock } = this.#options
    const untilMs = clock.elapsedMs() + withinMs
    line.pump()
    while (!line.isFed && line.isOpen && clock.elapsedMs() < untilMs) {
      line.pump()
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

  /** The buffer is full. What goes was sent already, mostly. */
  #drop(fromMs: number, toMs: number): void {
    this.#droppedToMs = toMs
    if (this.#carrier && fromMs >= this.#carrier.line.sentToMs) {
      this.#unsent = { fromMs: this.#unsent?.fromMs ?? fromMs, toMs }
    }
  }

  /** What a line that lags far behind was never sent. */
  #tellUnsent(): void {
    if (this.#unsent) this.#tellLost(this.#unsent.fromMs, this.#unsent.toMs)
    this.#unsent = undefined
  }

  #tellLost(fromMs: number, toMs: number): void {
    this.#options.recorder.gap({ fromMs, toMs, reason: this.#options.gapReason() })
  }

  /** Silence is no loss. */
  #tellGap(fromMs: number, toMs: number): void {
    if (hasSound(this.#buffer, fromMs, toMs)) this.#tellLost(fromMs, toMs)
  }
}

/** It is lost: who waits for its end sees to the next line. */
function discard(carrier: Carrier): void {
  carrier.isDiscarded = true
  carrier.line.giveUp()
}

const never = new AbortController().signal
