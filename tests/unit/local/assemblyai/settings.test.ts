import { expect, test } from 'vitest'
import {
  parseSettings,
  type SessionSettings,
  turnSilenceMs,
  updateSettings,
} from '../../../../local/stand-ins/assemblyai/streaming/settings.ts'

const query = { speech_model: 'universal-streaming-english', sample_rate: '16000' }

test('what is left out is as AssemblyAI has it by default', () => {
  expect(parseSettings(query)).toEqual({
    speechModel: 'universal-streaming-english',
    sampleRate: 16_000,
    encoding: 'pcm_s16le',
    formatTurns: false,
    inactivityTimeoutSeconds: undefined,
    minTurnSilenceMs: 400,
    maxTurnSilenceMs: 1_280,
    endOfTurnConfidenceThreshold: 0.4,
  } satisfies SessionSettings)
})

test('all that the query says is read', () => {
  const settings = parseSettings({
    speech_model: 'u3-rt-pro',
    sample_rate: '8000',
    encoding: 'pcm_mulaw',
    format_turns: 'true',
    inactivity_timeout: '3600',
    min_turn_silence: '160',
    max_turn_silence: '2000',
    end_of_turn_confidence_threshold: '0.7',
    language_code: 'en-US',
    language_codes: '["en", "en_us"]',
  })
  expect(settings).toEqual({
    speechModel: 'u3-rt-pro',
    sampleRate: 8_000,
    encoding: 'pcm_mulaw',
    formatTurns: true,
    inactivityTimeoutSeconds: 3_600,
    minTurnSilenceMs: 160,
    maxTurnSilenceMs: 2_000,
    endOfTurnConfidenceThreshold: 0.7,
  })
})

test('the former name of min_turn_silence counts where the present one is missing', () => {
  const former = { ...query, min_end_of_turn_silence_when_confident: '200' }
  expect(parseSettings(former).minTurnSilenceMs).toBe(200)
  expect(parseSettings({ ...former, min_turn_silence: '300' }).minTurnSilenceMs).toBe(300)
})

test.each([
  [{ sample_rate: '16000' }, 'speech_model'],
  [{ speech_model: 'whisper-rt' }, 'sample_rate'],
  [{ ...query, sample_rate: '48001' }, 'sample_rate'],
  [{ ...query, encoding: 'aac' }, 'encoding'],
  [{ ...query, inactivity_timeout: '3601' }, 'inactivity_timeout'],
  [{ ...query, format_turns: 'perhaps' }, 'format_turns'],
  [{ ...query, end_of_turn_confidence_threshold: '1.1' }, 'end_of_turn_confidence_threshold'],
  [{ ...query, language_code: 'de' }, 'English only, not de'],
  [{ ...query, language_codes: '["en","fr"]' }, 'English only, not fr'],
  [{ ...query, language_codes: 'en' }, 'language_codes must be a JSON array'],
  [{ ...query, redact_pii: 'true' }, 'redact_pii is not available'],
  [{ ...query, llm_gateway: '{}' }, 'llm_gateway is not available'],
])('%o is refused for its %s', (refused, message) => {
  expect(() => parseSettings(refused)).toThrow(message)
})

test.each([
  ['the silence that the threshold asks for', {}, 512],
  ['the least silence, where that is longer', { min_turn_silence: 700 }, 700],
  ['the longest, whatever the least is', { min_turn_silence: 900, max_turn_silence: 800 }, 800],
  ['the longest, when it is to be quite sure', { end_of_turn_confidence_threshold: 1 }, 1_280],
  ['no less than a pause between words', { min_turn_silence: 0, max_turn_silence: 0 }, 100],
])('a turn ends after %s', (_what, change, expectedMs) => {
  const settings = parseSettings(query)
  updateSettings(settings, { type: 'UpdateConfiguration', ...change })
  expect(turnSilenceMs(settings)).toBe(expectedMs)
})

test('an update changes what it names, and nothing when it is refused', () => {
  const settings = parseSettings(query)
  updateSettings(settings, { format_turns: true })
  expect(settings).toEqual({ ...parseSettings(query), formatTurns: true })
  expect(() => updateSettings(settings, { format_turns: false, max_turn_silence: 'long' })).toThrow(
    'max_turn_silence',
  )
  expect(settings.formatTurns).toBe(true)
})
