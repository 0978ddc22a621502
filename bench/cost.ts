// `npm run bench -- cost` measures and prints; with `--write` it also records what was measured and writes
// docs/cost-model.md; with `--recorded` it reckons from what was recorded, and from serverless.yml as it is now.
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { packageTemplate } from '../tests/support/packaged-service.ts'
import { pricesOf } from './cost/aws-prices-2026-11.ts'
import { documentFile, withTables } from './cost/document.ts'
import { measure } from './cost/measure.ts'
import { type Measured, measuredFile, readMeasured } from './cost/measured.ts'
import { standingOf } from './cost/standing.ts'
import { tablesOf } from './cost/tables.ts'

const { values } = parseArgs({
  options: { write: { type: 'boolean' }, recorded: { type: 'boolean' } },
  strict: false,
})

const standing = standingOf(await packageTemplate('prod', 'us-east-1'))
const measured: Measured = { ...(values.recorded ? await readMeasured() : await measure()), standing }
const tables = tablesOf(measured)
console.log(`A month of 1,000 active listeners. Prices: ${pricesOf}.`)
for (const { name, columns, rows } of tables) {
  console.log(`\n${name}`)
  console.table(
    rows.map(cells => Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']))),
  )
}
if (values.write) {
  await writeFile(measuredFile, `${JSON.stringify(measured, undefined, 2)}\n`)
  await writeFile(documentFile, withTables(await readFile(documentFile, 'utf8'), tables))
  console.log('Written: bench/cost/measured.json and docs/cost-model.md.')
}
