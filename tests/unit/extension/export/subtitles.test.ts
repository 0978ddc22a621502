import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cuesOf } from '../../../../extension/export/cues.ts'
import { srt, vtt } from '../../../../extension/export/subtitles.ts'
import { oneLine } from '../../../../extension/export/text-line.ts'
import type { TranscriptSegment } from '../../../../extension/transcript/model.ts'
import { readSubtitles, type SubtitleCue, shownText } from '../../../support/read-subtitles.ts'
import { gap, requestOf, speech } from './samples.ts'

const srtOf = (...segments: TranscriptSegment[]): string => srt(requestOf('srt', segments))
const vttOf = (...segments: TranscriptSegment[]): string => vtt(requestOf('vtt', segments))

const timesOf = (cues: readonly SubtitleCue[]): [number, number][] =>
  cues.map(cue => [Math.round(cue.startTime * 1_000), Math.round(cue.endTime * 1_000)])

describe('srt', () => {
  test('is numbered, has commas in its times, CRLF at its line ends, and a byte order mark', () => {
    expect(srtOf(speech('one', 3_723_004, 3_724_000), gap(3_724_000, 3_736_000))).toBe(
      '\uFEFF1\r\n01:02:03,004 --> 01:02:04,000\r\none\r\n\r\n' +
        '2\r\n01:02:04,000 --> 01:02:16,000\r\n[12 sec without captions: offline]\r\n\r\n',
    )
  })

  test('goes beyond 99 hours', () => {
    expect(srtOf(speech('late', 100 * 3_600_000, 100 * 3_600_000 + 1))).toContain(
      '100:00:00,000 --> 100:00:00,001',
    )
  })

  test('has look-alikes for what players take for tags', () => {
    expect(srtOf(speech('{\\an8}<b>x</b> --> R&D'))).toContain('(\\an8)‹b›x‹/b› --› R&D\r\n')
  })

  test('is empty where nothing was said', () => {
    expect(srtOf()).toBe('\uFEFF')
  })
})

describe('vtt', () => {
  test('has a header, points in its times, and LF at its line ends', () => {
    expect(vttOf(speech('one', 3_723_004, 3_724_000))).toBe(
      'WEBVTT\n\n1\n01:02:03.004 --> 01:02:04.000\none\n\n',
    )
  })

  test('escapes what would be a tag, an entity or an arrow', () => {
    expect(vttOf(speech('<i>a --> b &amp; c'))).toContain('\n&lt;i&gt;a --&gt; b &amp;amp; c\n')
  })

  test('names the speaker', () => {
    expect(vttOf({ ...speech('hello'), speaker: 'Ann' })).toContain('\nAnn: hello\n')
  })
})

/** The reader takes `align:` and its like at a text's beginning for settings, against the standard. */
const isMisread = (text: string): boolean => /^(region|vertical|line|position|size|align)[:=]/.test(text)

const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '-->',
        '<',
        '>',
        '<b>',
        '</c>',
        '&',
        '&amp;',
        '&lt;',
        '{\\an8}',
        'NOTE',
        'STYLE',
        'WEBVTT',
      ),
      fc.constantFrom(
        '\n',
        '\r\n',
        '\n\n',
        '\u2028',
        '\u0085',
        '\t',
        '\0',
        '\uFEFF',
        '\uD800',
        '00:00:01.000',
      ),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.lorem({ maxCount: 12 }),
    ),
    { maxLength: 12 },
  )
  .map(parts => parts.join(' '))
  .filter(text => !isMisread(oneLine(text)))

const segments = fc.array(fc.tuple(nasty, fc.nat(5_000), fc.nat(30_000)), { maxLength: 8 }).map(parts => {
  let atMs = 0
  return parts.map(([text, pauseMs, lengthMs]) => {
    const segment = speech(text, atMs + pauseMs, atMs + pauseMs + lengthMs)
    atMs = segment.endMs
    return segment
  })
})

const cuesOfAll = (of: readonly TranscriptSegment[]) =>
  of.flatMap(segment => cuesOf(oneLine(segment.text), segment.startMs, segment.endMs))

describe('another library reads back', () => {
  test('the same times and texts from vtt, whatever was said', async () => {
    await fc.assert(
      fc.asyncProperty(segments, async said => {
        const cues = await readSubtitles(vttOf(...said), 'vtt')
        const written = cuesOfAll(said)
        expect(timesOf(cues)).toEqual(written.map(cue => [cue.startMs, cue.endMs]))
        expect(cues.map(shownText)).toEqual(written.map(cue => cue.lines.join('\n')))
      }),
    )
  })

  test('the same times and texts from srt, but for look-alikes', async () => {
    const alike = (text: string): string =>
      text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('{', '(').replaceAll('}', ')')
    await fc.assert(
      fc.asyncProperty(segments, async said => {
        const cues = await readSubtitles(srtOf(...said), 'srt')
        const written = cuesOfAll(said)
        expect(timesOf(cues)).toEqual(written.map(cue => [cue.startMs, cue.endMs]))
        expect(cues.map(cue => cue.text)).toEqual(written.map(cue => alike(cue.lines.join('\n'))))
      }),
    )
  })
})
