import { describe, expect, it } from 'vitest'
import { readVendorMessage } from '../../../../extension/captions/vendor-message.ts'

const turn = {
  type: 'Turn',
  turn_order: 0,
  turn_is_formatted: false,
  end_of_turn: false,
  end_of_turn_confidence: 0.3,
  transcript: 'hello',
  words: [{ text: 'hello', start: 0, end: 300, confidence: 0.9, word_is_final: true }],
}

describe('a message of the vendor', () => {
  it('is read as far as captions need it', () => {
    expect(readVendorMessage(JSON.stringify(turn))).toMatchObject({ type: 'Turn', transcript: 'hello' })
    expect(readVendorMessage('{"type":"Begin","id":"1","expires_at":1}')).toEqual({ type: 'Begin' })
    expect(readVendorMessage('{"type":"Termination"}')).toEqual({ type: 'Termination' })
  })

  it.each([
    ['one that is not known', '{"type":"Heartbeat","realtime_factor":1}'],
    ['one that is no JSON', '{"type":'],
    ['one that is no object', '7'],
    ['one without its fields', JSON.stringify({ ...turn, words: undefined })],
    ['one that is not text', new ArrayBuffer(8)],
  ])('is left out: %s', (_what, data) => {
    expect(readVendorMessage(data)).toBeUndefined()
  })
})
