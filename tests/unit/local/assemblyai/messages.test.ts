import { expect, test } from 'vitest'
import type { LiveTurn } from '../../../../local/recogniser/live/live-recogniser.ts'
import {
  closeReason,
  SessionFailure,
  serverError,
} from '../../../../local/stand-ins/assemblyai/streaming/failure.ts'
import { turnMessages } from '../../../../local/stand-ins/assemblyai/streaming/messages.ts'
import { parseSettings } from '../../../../local/stand-ins/assemblyai/streaming/settings.ts'

const settings = (model: string, formatTurns = false) =>
  parseSettings({ speech_model: model, sample_rate: 16_000, format_turns: String(formatTurns) })

function turn(hasEnded: boolean): LiveTurn {
  const words = ['"I', "don't,", '—', 'Mr.', 'Ill-disposed.'].map((text, index) => ({
    text,
    start_ms: index * 100,
    end_ms: index * 100 + 90,
    confidence: 0.123456789,
    is_final: hasEnded || index < 3,
  }))
  return { order: 4, words, has_ended: hasEnded }
}

test('Universal-Streaming tells words that are final in the transcript, plain, and all of them in the list', () => {
  const [message, ...more] = turnMessages(turn(false), settings('universal-streaming-english', true))
  expect(more).toEqual([])
  expect(message).toEqual({
    type: 'Turn',
    turn_order: 4,
    turn_is_formatted: false,
    end_of_turn: false,
    transcript: "i don't",
    end_of_turn_confidence: 0,
    words: [
      { text: 'i', start: 0, end: 90, confidence: 0.123457, word_is_final: true },
      { text: "don't", start: 100, end: 190, confidence: 0.123457, word_is_final: true },
      { text: 'mr', start: 300, end: 390, confidence: 0.123457, word_is_final: false },
      { text: 'ill-disposed', start: 400, end: 490, confidence: 0.123457, word_is_final: false },
    ],
  })
})

test('at the end it tells the turn plain, and once more formatted if that was asked for', () => {
  const plain = turnMessages(turn(true), settings('universal-streaming-multilingual'))
  expect(plain.map(message => message.transcript)).toEqual(["i don't mr ill-disposed"])
  const both = turnMessages(turn(true), settings('universal-streaming-multilingual', true))
  expect(both.map(message => [message.turn_is_formatted, message.transcript])).toEqual([
    [false, "i don't mr ill-disposed"],
    [true, '"I don\'t, — Mr. Ill-disposed.'],
  ])
})

test('a Pro model formats at once, and makes nothing final before the end', () => {
  const [partial] = turnMessages(turn(false), settings('u3-rt-pro'))
  expect(partial).toMatchObject({ turn_is_formatted: false, transcript: '"I don\'t, — Mr. Ill-disposed.' })
  expect(partial?.words.map(word => word.word_is_final)).toEqual([false, false, false, false, false])
  const ended = turnMessages(turn(true), settings('u3-rt-pro'))
  expect(ended).toHaveLength(1)
  expect(ended[0]).toMatchObject({ turn_is_formatted: true, end_of_turn: true, end_of_turn_confidence: 1 })
})

test('a reason that is too long for a close frame is found in the Error message', () => {
  expect(closeReason(serverError())).toBe('Session Cancelled: An error occurred')
  expect(closeReason(new SessionFailure(3006, 'ü'.repeat(62)))).toBe('See Error message for details')
})
