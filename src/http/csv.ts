import { stringify } from 'csv-stringify/sync'
import type { ApiResponse } from './event.ts'

/** A CSV file with a header line. Cells that a spreadsheet would run as formulas are escaped. */
export const csvFile = (
  filename: string,
  columns: readonly string[],
  rows: readonly Readonly<Record<string, string | number>>[],
): ApiResponse => ({
  statusCode: 200,
  headers: {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${filename}"`,
    'cache-control': 'no-store',
  },
  body: stringify([...rows], { header: true, columns: [...columns], escape_formulas: true }),
})
