import { describe, expect, test } from 'vitest'
import { markdown } from '../../../../extension/export/markdown.ts'
import type { TranscriptSegment } from '../../../../extension/transcript/model.ts'
import { gap, requestOf, speech, titled } from './samples.ts'

/** The blocks of a document from a heading on, without it. */
const blocksAfter = (document: string, heading: string): string[] => {
  const blocks = document.trimEnd().split('\n\n')
  return blocks.slice(blocks.indexOf(heading) + 1)
}

const transcript = (...segments: TranscriptSegment[]): string[] =>
  blocksAfter(markdown(requestOf('md', segments)), '## Transcript')

describe('markdown', () => {
  test('has the page, the summary, what was said, and the answers', () => {
    const document = markdown(
      requestOf('md', [speech('It begins.')], {
        summary: {
          headline: 'A beginning',
          points: [
            { at_ms: 0, text: 'It begins' },
            { at_ms: 61_000, text: 'It goes on' },
          ],
        },
        answers: [
          { question: 'Does it begin?', answer: { answer: 'Yes.\n\nIt does.', cited: [0, 61_000] } },
          { question: 'Does it end?', answer: { answer: 'Nobody said.', cited: [] } },
        ],
      }),
    )
    expect(document).toBe(`# A talk

<https://example.com/talk>

Captioned on 9 October 2026 at 00:30

## Summary

A beginning

- **0:00** It begins
- **1:01** It goes on

## Transcript

**0:00** It begins.

## Questions and answers

### Does it begin?

Yes.

It does.

From 0:00, 1:01

### Does it end?

Nobody said.
`)
  })

  test('leaves out a summary and questions that there are none of', () => {
    const headings = markdown(requestOf('md', [speech('one')])).match(/^#.*/gm)
    expect(headings).toEqual(['# A talk', '## Transcript'])
  })

  test('escapes what would be markup, HTML or an entity', () => {
    const text = 'a *b* _c_ `d` [e](f) ![g] <h> ~i~ #j $k$ |l| \\ R&D &amp; &#38; 1 > 0'
    expect(transcript(speech(text))).toEqual([
      '**0:00** a \\*b\\* \\_c\\_ \\`d\\` \\[e\\](f) !\\[g\\] \\<h\\> \\~i\\~ \\#j \\$k\\$ \\|l\\| \\\\ R&D \\&amp; &\\#38; 1 \\> 0',
    ])
  })

  test('makes no links of what was said', () => {
    expect(transcript(speech('see www.a.com, https://b.com: or c@d.com'))).toEqual([
      '**0:00** see www\\.a.com, https\\://b.com: or c\\@d.com',
    ])
  })

  test('escapes a title', () => {
    expect(markdown(titled('# A <b>*talk*</b> #'))).toMatch(/^# \\# A \\<b\\>\\\*talk\\\*\\<\/b\\> \\#\n/)
  })

  test.each([
    ['- a', '\\- a'],
    ['+ a', '\\+ a'],
    ['1. a', '1\\. a'],
    ['12) a', '12\\) a'],
    ['===', '\\==='],
    ['---', '\\---'],
    ['> a', '\\> a'],
    ['1.5 a', '1\\.5 a'],
    ['-1 a', '\\-1 a'],
  ])('an answer that begins %j is a paragraph', (answer, paragraph) => {
    const request = requestOf('md', [], { answers: [{ question: 'What?', answer: { answer, cited: [] } }] })
    expect(blocksAfter(markdown(request), '### What?')).toEqual([paragraph])
  })

  test.each([
    ['https://example.com/a b<c>', '<https://example.com/a%20b%3Cc%3E>'],
    ['https://example.com/#<x>', '<https://example.com/#%3Cx%3E>'],
    ['file:///home/a*b', 'file\\:///home/a\\*b'],
    ['not an address', 'not an address'],
  ])('writes the address %j safely', (url, written) => {
    const request = requestOf('md', [])
    const session = { ...request.session, page: { title: 'A talk', url } }
    expect(markdown({ ...request, session }).split('\n\n')[1]).toBe(written)
  })
})

describe('paragraphs', () => {
  test('join what is said without a pause', () => {
    expect(transcript(speech('One.'), speech('Two.', 1_500))).toEqual(['**0:00** One. Two.'])
  })

  test('end with a pause of four seconds', () => {
    expect(transcript(speech('One.', 0, 1_000), speech('Two.', 5_000), speech('Three.', 9_999))).toEqual([
      '**0:00** One.',
      '**0:05** Two. Three.',
    ])
  })

  test('are a minute long at most', () => {
    const segments = Array.from({ length: 40 }, (_, index) =>
      speech(`${index}`, index * 2_000, index * 2_000 + 2_000),
    )
    expect(transcript(...segments).map(block => block.slice(0, 10))).toEqual(['**0:00** 0', '**1:00** 3'])
  })

  test('end with a gap, which is one of its own', () => {
    expect(transcript(speech('One.'), gap(1_000, 2_000), speech('Two.', 2_000))).toEqual([
      '**0:00** One.',
      '**0:01** \\[1 sec without captions: offline\\]',
      '**0:02** Two.',
    ])
  })

  test('are of one speaker, who is named once', () => {
    const said = (text: string, startMs: number, speaker: string) => ({ ...speech(text, startMs), speaker })
    expect(
      transcript(said('One.', 0, 'Ann'), said('Two.', 1_000, 'Ann'), said('Three.', 2_000, 'Bob')),
    ).toEqual(['**0:00** Ann: One. Two.', '**0:02** Bob: Three.'])
  })
})
