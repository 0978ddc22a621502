import { SAMPLE_RATE_HZ } from '../decode.ts'
import type { Piece } from '../pieces.ts'
import { placeInTime, type RecognisedWord, type Recogniser } from '../recogniser.ts'
import { findVoicedSpans, type Span } from '../voice-activity.ts'
import type { HeardWord } from '../worker.ts'
import { countFinalWords } from './agreement.ts'
import { nextStep, type Step } from './next-step.ts'
import { createSoundBuffer } from './sound-buffer.ts'

/** A word of a stream; one that is final keeps its text. Times count from the beginning of the stream. */
export type LiveWord = RecognisedWord & { is_final: boolean }

/** What was said between two silences, so far. */
export type LiveTurn = {
  /** The number of the turn in its stream, from 0. */
  order: number
  words: LiveWord[]
  has_ended: boolean
}

export type LiveOptions = {
  recogniser: Recogniser
  /** How much silence ends a turn, in milliseconds; asked each time, as it may change. */
  turnSilenceMs(): number
  /** Is told of each turn whenever more of it is known, and once when it has ended. */
  onTurn(turn: LiveTurn): void
  /** Is told when recognition failed; nothing more is recognised then. */
  onFailure(error: unknown): void
}

/** Recognises a stream while it goes on. */
export type LiveRecogniser = {
  /** Takes the next samples: mono, at 16 kHz. */
  add(samples: Float32Array): void
  /** Ends the present turn where the sound now ends. Resolves once the turn was told. */
  endTurn(): Promise<void>
  /** Forgets everything; nothing is told any more. */
  stop(): void
  /** How many seconds of sound wait to be recognised: it grows when this machine is too slow. */
  secondsBehind(): number
}

/** How much sound before the present piece is kept: the voice is judged against its surroundings. */
const SURROUNDINGS = 10 * SAMPLE_RATE_HZ

/**
 * Recognises a stream piece by piece. A piece that grows is looked at again and again, as often as the recogniser
 * manages, so words appear while they are spoken; those that are settled are not heard anew but given to the
 * recogniser as known, which keeps them and saves time. A turn ends with silence. Only the present piece and its
 * surroundings are kept.
 *
 * One look is under way at a time, so several streams take turns.
 */
export function createLiveRecogniser(options: LiveOptions): LiveRecogniser {
  const sound = createSoundBuffer()
  let turn: { order: number; start: number | undefined; words: RecognisedWord[] } = newTurn(0)
  let piece = newPiece(0)
  let endTurnAt: number | undefined
  let isStopped = false
  let work = Promise.resolve()

  function step(): Step | undefined {
    const voiced = findVoicedSpans(sound.all()).map(span => moved(span, sound.start))
    return nextStep(
      {
        voiced,
        end: endTurnAt ?? sound.end,
        isForced: endTurnAt !== undefined,
        settledTo: piece.from,
        listenedTo: piece.listenedTo,
        turnStart: turn.start,
        silence: (options.turnSilenceMs() / 1000) * SAMPLE_RATE_HZ,
      },
      span => sound.copy(span.start, span.end),
    )
  }

  async function workOff(): Promise<void> {
    for (let next = step(); next && !isStopped; next = step()) await carryOut(next)
    endTurnAt = undefined
    sound.dropBefore(piece.from - SURROUNDINGS)
  }

  async function carryOut(next: Step): Promise<void> {
    if (next.kind === 'end_turn') return endTurn()
    if (next.kind === 'skip') return skip(next.to)
    if (next.kind === 'listen') return listen(next.piece)
    await settle(next.piece, !next.endsTurn)
    if (next.endsTurn) endTurn()
  }

  function skip(to: number): void {
    piece = newPiece(to)
  }

  async function listen(growing: Piece): Promise<void> {
    const heard = await hear(growing, true)
    if (isStopped) return
    piece.finalWords = countFinalWords(piece.heard, heard, piece.finalWords)
    piece.heard = heard
    piece.listenedTo = growing.end
    const words = placeInTime(heard, growing)
    tell([
      ...turn.words.map(asFinal),
      ...words.map((word, index) => ({ ...word, is_final: index < piece.finalWords })),
    ])
  }

  /** @param quick set where somebody speaks on, so the next words already wait */
  async function settle(whole: Piece, quick: boolean): Promise<void> {
    turn.words.push(...placeInTime(await hear(whole, quick), whole))
    turn.start ??= whole.start
    piece = newPiece(whole.end)
  }

  /** The words of a piece; those that are final stay, also when all of it suddenly sounds like noise. */
  async function hear(of: Piece, quick: boolean): Promise<HeardWord[]> {
    const final = piece.heard.slice(0, piece.finalWords)
    const known = final.flatMap(word => word.tokens)
    const heard = await options.recogniser.hear({ samples: sound.copy(of.start, of.end), known, quick })
    return heard.length < final.length ? final : heard
  }

  function endTurn(): void {
    const hasWords = turn.words.length > 0
    if (hasWords) tell(turn.words.map(asFinal), true)
    turn = newTurn(turn.order + (hasWords ? 1 : 0))
  }

  function tell(words: LiveWord[], hasEnded = false): void {
    if (words.length > 0 && !isStopped) options.onTurn({ order: turn.order, words, has_ended: hasEnded })
  }

  function wake(): Promise<void> {
    work = work.then(workOff).catch(error => {
      if (!isStopped) options.onFailure(error)
      isStopped = true
    })
    return work
  }

  return {
    add(samples) {
      if (isStopped) return
      sound.append(samples)
      void wake()
    },
    endTurn() {
      endTurnAt = sound.end
      return wake()
    },
    stop() {
      isStopped = true
    },
    secondsBehind: () => (sound.end - piece.from) / SAMPLE_RATE_HZ,
  }
}

function newTurn(order: number): { order: number; start: number | undefined; words: RecognisedWord[] } {
  return { order, start: undefined, words: [] }
}

/** The piece that begins at a position: what was heard of it so far, and how much of that is final. */
function newPiece(from: number): {
  from: number
  listenedTo: number
  heard: HeardWord[]
  finalWords: number
} {
  return { from, listenedTo: from, heard: [], finalWords: 0 }
}

function asFinal(word: RecognisedWord): LiveWord {
  return { ...word, is_final: true }
}

function moved({ start, end }: Span, by: number): Span {
  return { start: start + by, end: end + by }
}
