import { describe, expect, test } from 'vitest'
import { plainText } from '../../../../extension/export/plain-text.ts'
import { gap, requestOf, speech, titled } from './samples.ts'

describe('plain text', () => {
  const segments = [speech('one\ntwo'), gap(1_000, 13_000), speech('three', 3_723_000)]

  test('says where and when it was heard, and a line with its time for each segment', () => {
    expect(plainText(requestOf('txt', segments))).toBe(
      `A talk
https://example.com/talk
Captioned on 9 October 2026 at 00:30

[0:00] one two
[0:01] [12 sec without captions: offline]
[1:02:03] three
`,
    )
  })

  test('can do without time stamps', () => {
    const lines = plainText(requestOf('txt', segments, { timeStamps: false })).split('\n')
    expect(lines.slice(4)).toEqual(['one two', '[12 sec without captions: offline]', 'three', ''])
  })

  test('of a page without a title says so', () => {
    expect(plainText(titled(' \u0007 '))).toMatch(/^Untitled page\n/)
  })
})
