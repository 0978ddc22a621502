import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvFile } from '../../../src/http/csv.ts'
import { headerOf } from '../support/answers.ts'

const cells = (...values: (string | number)[]): string => {
  const columns = values.map((_, index) => `c${index}`)
  const row = Object.fromEntries(values.map((value, index) => [`c${index}`, value]))
  const [, ...lines] = (csvFile('a.csv', columns, [row]).body ?? '').split('\n')
  return lines.join('\n')
}

test('a file has a header line, the columns in their order, and a name to be saved under', () => {
  const file = csvFile('usage.csv', ['b', 'a'], [{ a: 1, b: 'x', more: 'not shown' }])
  expect(file.body).toBe('b,a\nx,1\n')
  expect(file.statusCode).toBe(200)
  expect(headerOf(file, 'content-type')).toBe('text/csv; charset=utf-8')
  expect(headerOf(file, 'content-disposition')).toBe('attachment; filename="usage.csv"')
  expect(headerOf(file, 'cache-control')).toBe('no-store')
})

test('a file without rows has its header line', () => {
  expect(csvFile('usage.csv', ['a', 'b'], []).body).toBe('a,b\n')
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', '＋1', '－1', '＠A'])(
  'the cell %j, which a spreadsheet would run, is escaped',
  text => {
    expect(cells(text).replaceAll('"', '').startsWith("'")).toBe(true)
  },
)

test('numbers stay numbers, below zero too', () => {
  expect(cells(5, -30, 0)).toBe('5,-30,0\n')
})

test('separators, quotes and line ends stay in their cell', () => {
  expect(cells('a,b', 'say "hi"', 'two\nlines')).toBe('"a,b","say ""hi""","two\nlines"\n')
})

test('no cell ever begins like a formula, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), text => {
      expect(cells(text).replace(/^"/, '')).not.toMatch(/^[=+\-@\t\r]/)
    }),
  )
})
