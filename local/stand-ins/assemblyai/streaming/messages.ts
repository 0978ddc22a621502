import type { SpeechStartedEvent, StreamingWord, TurnEvent } from 'assemblyai'
import * as z from 'zod'
import type { LiveTurn, LiveWord } from '../../../recogniser/live/live-recogniser.ts'
import { invalidJson, invalidMessage, invalidMessageType } from './failure.ts'
import type { SessionSettings } from './settings.ts'

const ClientMessage = z.looseObject({ type: z.string() })
const ClientMessageType = z.enum(['UpdateConfiguration', 'ForceEndpoint', 'KeepAlive', 'Terminate'])

/** A text message of the client. */
export type ClientMessage = { type: z.infer<typeof ClientMessageType> }

/** @throws SessionFailure that says what is wrong */
export function parseClientMessage(text: string): ClientMessage {
  const message = ClientMessage.safeParse(parseJson(text))
  if (!message.success) throw invalidMessage(text)
  const type = ClientMessageType.safeParse(message.data.type)
  if (!type.success) throw invalidMessageType(message.data.type)
  return { ...message.data, type: type.data }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidJson(text)
  }
}

/** What is sent before the first `Turn` of each turn. */
export function speechStarted(turn: LiveTurn): SpeechStartedEvent {
  return { type: 'SpeechStarted', timestamp: turn.words[0]?.start_ms ?? 0 }
}

/**
 * The messages about a turn, in AssemblyAI's two ways. Universal-Streaming makes words final one by one: its
 * `transcript` has those that are final, without case and punctuation, and a turn that has ended comes once more
 * formatted if that was asked for. The Pro models format at once, and no word is final before the turn has ended.
 */
export function turnMessages(turn: LiveTurn, settings: SessionSettings): TurnEvent[] {
  if (!settings.speechModel.startsWith('universal-streaming')) {
    const words = turn.words.map(word => toWireWord(word, turn.has_ended))
    return [turnMessage(turn, words, words, turn.has_ended)]
  }
  const plain = turn.words.flatMap(withoutFormat).map(word => toWireWord(word, word.is_final))
  const unformatted = turnMessage(
    turn,
    plain,
    plain.filter(word => word.word_is_final),
    false,
  )
  if (!turn.has_ended || !settings.formatTurns) return [unformatted]
  const formatted = turn.words.map(word => toWireWord(word, true))
  return [unformatted, turnMessage(turn, formatted, formatted, true)]
}

function turnMessage(
  turn: LiveTurn,
  words: StreamingWord[],
  transcribed: StreamingWord[],
  isFormatted: boolean,
): TurnEvent {
  return {
    type: 'Turn',
    turn_order: turn.order,
    turn_is_formatted: isFormatted,
    end_of_turn: turn.has_ended,
    transcript: transcribed.map(word => word.text).join(' '),
    end_of_turn_confidence: turn.has_ended ? 1 : 0,
    words,
  }
}

/** The word in lower case and without the punctuation around it; nothing where it was only that. */
function withoutFormat(word: LiveWord): LiveWord[] {
  const text = word.text.toLowerCase().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
  return text === '' ? [] : [{ ...word, text }]
}

function toWireWord({ start_ms, end_ms, confidence, text }: LiveWord, isFinal: boolean): StreamingWord {
  return {
    start: start_ms,
    end: end_ms,
    confidence: Number(confidence.toFixed(6)),
    text,
    word_is_final: isFinal,
  }
}
