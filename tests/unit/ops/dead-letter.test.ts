import { describe, expect, it } from 'vitest'
import { isHoldOpen, parseDeadLetter } from '../../../ops/dead-letter.ts'

const said = 'what the listener heard in private'

/** A record as Lambda's documentation shows it. */
const record = (change: Record<string, unknown> = {}) =>
  JSON.stringify({
    version: '1.0',
    timestamp: '2026-11-29T12:00:00.000Z',
    requestContext: {
      requestId: '5f0e1c1e-0000-4000-8000-000000000000',
      functionArn:
        'arn:aws:lambda:eu-central-1:123456789012:function:live-transcription-prod-catchup-worker:$LATEST',
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: {
      kind: 'segments',
      userId: 'user',
      operationId: 'operation',
      holdExpiresAtMs: Date.parse('2026-11-29T13:00:00Z'),
      segments: [{ start_ms: 0, end_ms: 1, text: said }],
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'UpstreamError', errorMessage: 'openai failed (500)', trace: [] },
    ...change,
  })

describe('a dead letter', () => {
  it('names the function, the operation and why it failed', () => {
    expect(parseDeadLetter(record())).toMatchObject({
      functionName: 'live-transcription-prod-catchup-worker',
      failedAtMs: Date.parse('2026-11-29T12:00:00Z'),
      condition: 'RetriesExhausted',
      invocations: 3,
      reason: 'UpstreamError: openai failed (500)',
      operationId: 'operation',
    })
  })

  it('keeps its payload whole for another run', () => {
    expect(parseDeadLetter(record())?.payload).toEqual(JSON.parse(record()).requestPayload)
  })

  it('does not quote errors that may quote what was said', () => {
    const letter = parseDeadLetter(
      record({
        responsePayload: { errorType: 'SyntaxError', errorMessage: `Unexpected token in "${said}"` },
      }),
    )
    expect(letter?.reason).toBe('SyntaxError')
  })

  it('of an invocation that waited too long has no answer to name', () => {
    const requestContext = { ...JSON.parse(record()).requestContext, condition: 'EventAgeExceeded' }
    expect(parseDeadLetter(record({ requestContext, responsePayload: undefined }))?.reason).toBe(
      'waited too long',
    )
  })

  it('of a scheduled function is about no operation', () => {
    const letter = parseDeadLetter(record({ requestPayload: { source: 'aws.events' } }))
    expect(letter).toMatchObject({ operationId: undefined, holdExpiresAtMs: undefined })
  })

  it.each([
    ['not JSON', 'poison'],
    ['another JSON', '{"hello":1}'],
    ['a record without a function', record({ requestContext: {} })],
  ])('is not what %s is', (_name, body) => {
    expect(parseDeadLetter(body)).toBeUndefined()
  })

  it('has credits held until its hold expires', () => {
    const letter = parseDeadLetter(record())
    if (!letter) throw new Error('It was not read.')
    expect(isHoldOpen(letter, Date.parse('2026-11-29T12:59:59Z'))).toBe(true)
    expect(isHoldOpen(letter, Date.parse('2026-11-29T13:00:00Z'))).toBe(false)
  })
})
