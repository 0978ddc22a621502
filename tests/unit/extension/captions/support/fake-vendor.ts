import type { OpenSocket, SocketListener } from '../../../../../extension/captions/socket.ts'
import { frameMs } from '../../../../../extension/capture/sound.ts'
import { framesOf, indexOf, type ScriptedWord } from './speech-script.ts'

interface HeardWord {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly confidence: number
  readonly word_is_final: boolean
}

/** Silence that ends a turn. */
const turnSilenceFrames = 4
const latencyMs = 200

/** A session at the vendor. Words are heard whole, or garbled where a part of them was not sent. */
export class FakeVendorSession {
  readonly url: string
  readonly frames: number[] = []
  bufferedBytes = 0
  /** It takes sound and says nothing: the network is gone, or the vendor hangs. */
  isDead = false
  /** It takes sound off the line and says nothing, not even at the end. */
  isHung = false
  closeCode: number | undefined
  readonly #vendor: FakeVendor
  readonly #listener: SocketListener
  #words: HeardWord[] = []
  #order = 0
  /** What was heard of the words that are being said. */
  readonly #parts = new Map<ScriptedWord, { place: number; frame: number; count: number }>()
  #quietFrames = 0

  constructor(vendor: FakeVendor, url: string, listener: SocketListener) {
    this.#vendor = vendor
    this.url = url
    this.#listener = listener
  }

  get isOpen(): boolean {
    return this.closeCode === undefined
  }

  /** Closes it with a code, or breaks the line. */
  close(code: number): void {
    if (this.closeCode !== undefined) return
    this.closeCode = code
    this.#listener.onClosed(code, '')
  }

  say(message: object): void {
    setTimeout(() => {
      if (this.isOpen && !this.isDead && !this.isHung) this.#listener.onMessage(JSON.stringify(message))
    }, latencyMs)
  }

  receive(data: string | Int16Array<ArrayBuffer>): void {
    if (!this.isOpen || this.isDead) {
      this.bufferedBytes += typeof data === 'string' ? data.length : data.byteLength
      return
    }
    if (this.isHung) return
    if (typeof data === 'string') this.#obey(data)
    else this.#hear(indexOf(data))
  }

  #obey(text: string): void {
    if (JSON.parse(text).type !== 'Terminate') return
    this.#understand(() => true)
    this.#endTurn()
    this.say({ type: 'Termination', audio_duration_seconds: 0, session_duration_seconds: 0 })
    setTimeout(() => this.close(1000), latencyMs)
  }

  #hear(frame: number): void {
    const said = this.#vendor.saidIn(frame)
    for (const word of said) {
      const part = this.#parts.get(word) ?? { place: this.#place, frame, count: 0 }
      this.#parts.set(word, { ...part, count: part.count + 1 })
    }
    this.frames.push(frame)
    this.#quietFrames = said.length > 0 ? 0 : this.#quietFrames + 1
    const fresh = this.#understand(word => framesOf(word).last <= frame || !said.includes(word))
    if (fresh > 0) this.#tell(false, false)
    if (this.#quietFrames >= turnSilenceFrames) this.#endTurn()
  }

  get #place(): number {
    return this.frames.length
  }

  /** Turns what was heard of words that are over into words. @returns how many */
  #understand(isOver: (word: ScriptedWord) => boolean): number {
    const before = this.#words.length
    for (const [word, part] of this.#parts) {
      if (!isOver(word)) continue
      this.#parts.delete(word)
      const { first, last } = framesOf(word)
      const count = last - first + 1
      if (part.count < count / 2) continue
      const { jitterMs, hear } = this.#vendor
      const start = part.place * frameMs + (part.frame === first ? word.startMs % frameMs : 0)
      this.#words.push({
        text: part.count === count ? hear(word.text) : 'garbled',
        start: Math.max(0, start + jitterMs()),
        end: start + Math.max(40, word.endMs - word.startMs + jitterMs()),
        confidence: 1,
        word_is_final: true,
      })
    }
    return this.#words.length - before
  }

  #endTurn(): void {
    if (this.#words.length === 0) return
    this.#tell(true, false)
    if (this.#vendor.formats) this.#tell(true, true)
    this.#words = []
    this.#order += 1
  }

  #tell(hasEnded: boolean, isFormatted: boolean): void {
    const words = isFormatted
      ? this.#words.map((word, index) => ({
          ...word,
          text: `${word.text}${index === this.#words.length - 1 ? '.' : ''}`,
        }))
      : this.#words
    this.say({
      type: 'Turn',
      turn_order: this.#order,
      turn_is_formatted: isFormatted,
      end_of_turn: hasEnded,
      end_of_turn_confidence: 0.5,
      transcript: words.map(({ text }) => text).join(' '),
      words,
    })
  }
}

/** AssemblyAI's streaming API, for fake time: it knows what is said in each frame. */
export class FakeVendor {
  readonly sessions: FakeVendorSession[] = []
  readonly #said = new Map<number, ScriptedWord[]>()
  formats = true
  /** Connections find nobody. */
  isDown = false
  /** Connections are closed with this code. */
  refuseWith: number | undefined
  jitterMs: () => number = () => 0
  /** How it hears a word. */
  hear: (text: string) => string = text => text
  readonly #spent = new Set<string>()

  /** Lets words be said. */
  say(words: readonly ScriptedWord[]): void {
    for (const word of words) {
      const { first, last } = framesOf(word)
      for (let frame = first; frame <= last; frame++) {
        this.#said.set(frame, [...(this.#said.get(frame) ?? []), word])
      }
    }
  }

  saidIn(frame: number): readonly ScriptedWord[] {
    return this.#said.get(frame) ?? []
  }

  get open(): FakeVendorSession[] {
    return this.sessions.filter(session => session.isOpen)
  }

  get last(): FakeVendorSession {
    const session = this.sessions.at(-1)
    if (!session) throw new Error('No socket was opened.')
    return session
  }

  readonly openSocket: OpenSocket = (url, listener) => {
    const session = new FakeVendorSession(this, url, listener)
    this.sessions.push(session)
    setTimeout(() => this.#begin(session, url), 50)
    return {
      get bufferedBytes() {
        return session.bufferedBytes
      },
      send: data => session.receive(data),
      close: () => session.close(1000),
    }
  }

  #begin(session: FakeVendorSession, url: string): void {
    const token = new URL(url).searchParams.get('token') ?? ''
    const refusal = this.#refusalOf(token)
    if (refusal !== undefined) {
      session.close(refusal)
      return
    }
    const capSeconds = Number(token.split('-').at(-1))
    setTimeout(() => session.close(3008), capSeconds * 1_000)
    session.say({ type: 'Begin', id: 'session', expires_at: 0 })
  }

  /** A token is used up as soon as it reaches the vendor. */
  #refusalOf(token: string): number | undefined {
    if (this.isDown) return 1006
    if (this.#spent.has(token)) return 1008
    this.#spent.add(token)
    return this.refuseWith
  }
}
