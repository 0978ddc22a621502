import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileName } from '../../../../extension/export/file-name.ts'
import { exportFormats } from '../../../../extension/export/model.ts'
import { requestOf, titled } from './samples.ts'

describe('a file', () => {
  test.each(exportFormats)('of %s has the local date, the title and the ending', format => {
    expect(fileName(requestOf(format, []))).toBe(`2026-10-09 A talk.${format}`)
  })

  test.each([
    ['AC/DC: "Live" <at> 9|10? \\*', '2026-10-09 AC DC Live at 9 10.txt'],
    ['  spaces\n\tand   lines  ', '2026-10-09 spaces and lines.txt'],
    ['To be continued...', '2026-10-09 To be continued.txt'],
    ['evil \u202Etxt.exe', '2026-10-09 evil txt.exe.txt'],
    ['日本語 👨‍👩‍👧‍👦', '2026-10-09 日本語 👨‍👩‍👧‍👦.txt'],
    ['', '2026-10-09 Untitled page.txt'],
    ['???', '2026-10-09 Untitled page.txt'],
    ['..', '2026-10-09 Untitled page.txt'],
    ['con', '2026-10-09 con.txt'],
    [`1. ${'x'.repeat(100)}`, `2026-10-09 1. ${'x'.repeat(72)}.txt`],
  ])('with the title %j is named so that every system takes it', (title, name) => {
    expect(fileName(titled(title))).toBe(name)
  })

  test('has a name of 255 bytes at most, without what Windows refuses, whatever the title', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), title => {
        const name = fileName(titled(title))
        expect(Buffer.byteLength(name)).toBeLessThan(255)
        expect(name).toMatch(/^2026-10-09 [^<>:"/\\|?*\p{Cc}]*[^<>:"/\\|?*\p{Cc} ]\.txt$/u)
      }),
    )
  })
})
