import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { type JsonTranscript, json } from '../../../../extension/export/json.ts'
import { endReasons, gapReasons } from '../../../../extension/transcript/model.ts'
import { gap, requestOf, speech } from './samples.ts'

const ms = z.int().min(0)

/** What readers of version 1 rely on. */
const schema = z.strictObject({
  version: z.literal(1),
  session: z.strictObject({
    session_id: z.string(),
    started_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
    end_reason: z.enum(endReasons).nullable(),
    page: z.strictObject({ title: z.string(), url: z.url(), channel: z.string().nullable() }),
  }),
  range: z.strictObject({ from_ms: ms, to_ms: ms }).nullable(),
  segments: z.array(
    z.strictObject({
      index: z.int(),
      start_ms: ms,
      end_ms: ms,
      kind: z.enum(['speech', 'gap']),
      text: z.string(),
      speaker: z.string().nullable(),
      reason: z.enum(gapReasons).nullable(),
    }),
  ),
  summary: z
    .strictObject({
      headline: z.string(),
      points: z.array(z.strictObject({ at_ms: ms, text: z.string() })),
    })
    .nullable(),
  questions: z.array(z.strictObject({ question: z.string(), answer: z.string(), cited: z.array(ms) })),
})

const read = (contents: string): JsonTranscript => schema.parse(JSON.parse(contents))

describe('json', () => {
  test('has every field, null where nothing is known', () => {
    expect(read(json(requestOf('json', [speech('one')])))).toEqual({
      version: 1,
      session: {
        session_id: 'a',
        started_at: '2026-10-08T22:30:00.000Z',
        ended_at: null,
        end_reason: null,
        page: { title: 'A talk', url: 'https://example.com/talk', channel: null },
      },
      range: null,
      segments: [
        { index: 0, start_ms: 0, end_ms: 1_000, kind: 'speech', text: 'one', speaker: null, reason: null },
      ],
      summary: null,
      questions: [],
    })
  })

  test('has all that is known', () => {
    const request = requestOf('json', [{ ...speech('one'), speaker: 'Ann' }, gap(1_000, 2_000)])
    const transcript = read(
      json({
        ...request,
        session: {
          ...request.session,
          page: { ...request.session.page, channel: 'somebody' },
          endedAtMs: request.session.startedAtMs + 2_000,
          endReason: 'tab_closed',
        },
        range: { fromMs: 0, toMs: 2_000 },
        summary: { headline: 'All', points: [{ at_ms: 0, text: 'One' }] },
        answers: [{ question: 'Why?', answer: { answer: 'So.', cited: [0] } }],
      }),
    )
    expect(transcript).toMatchObject({
      session: {
        ended_at: '2026-10-08T22:30:02.000Z',
        end_reason: 'tab_closed',
        page: { channel: 'somebody' },
      },
      range: { from_ms: 0, to_ms: 2_000 },
      segments: [{ speaker: 'Ann' }, { kind: 'gap', text: '', reason: 'offline' }],
      summary: { headline: 'All', points: [{ at_ms: 0, text: 'One' }] },
      questions: [{ question: 'Why?', answer: 'So.', cited: [0] }],
    })
  })

  test('keeps texts as they were said', () => {
    const text = 'a\n"b" \u2028 \uD800'
    expect(read(json(requestOf('json', [speech(text)]))).segments[0]?.text).toBe(text)
  })
})
