import { describe, expect, test } from 'vitest'
import { exportTranscript } from '../../../../extension/export/export-transcript.ts'
import { requestOf, speech } from './samples.ts'

describe('an export', () => {
  const segments = ['one', 'two', 'three'].map((text, index) => speech(text, index * 1_000))

  test.each([
    ['txt', 'text/plain;charset=utf-8', /\[0:00\] one/],
    ['srt', 'application/x-subrip', /^\uFEFF1\r\n/],
    ['vtt', 'text/vtt', /^WEBVTT/],
    ['json', 'application/json', /^\{/],
    ['md', 'text/markdown;charset=utf-8', /^# A talk/],
  ] as const)('as %s is a file of its type', (format, mediaType, beginning) => {
    const file = exportTranscript(requestOf(format, segments))
    expect(file).toMatchObject({ fileName: `2026-10-09 A talk.${format}`, mediaType })
    expect(file.contents).toMatch(beginning)
  })

  test('of a range has what overlaps it, with its times of the session', () => {
    const request = requestOf('vtt', segments, { range: { fromMs: 1_500, toMs: 2_500 } })
    expect(exportTranscript(request).contents).toBe(
      'WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\ntwo\n\n2\n00:00:02.000 --> 00:00:03.000\nthree\n\n',
    )
  })
})
