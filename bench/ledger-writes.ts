import { startDynamoDbLocal } from '../local/dynamodb.ts'
import { createTables, readTables } from '../local/tables.ts'
import { connect } from '../tests/support/database.ts'
import { testStage } from '../tests/support/dynamodb-engine.ts'
import { createLedger } from '../tests/support/ledger.ts'
import { budgetedOperations, measure } from '../tests/support/ledger-operations.ts'
import { meterWrites } from '../tests/support/write-meter.ts'

const engine = await startDynamoDbLocal()
try {
  await createTables(engine.endpoint, await readTables(testStage))
  const database = connect(engine.endpoint)
  const meter = meterWrites(database)
  const nowMs = Date.now()
  const ledger = createLedger(database, () => nowMs)
  const rows = []
  for (const operation of budgetedOperations()) {
    const { units, ephemeraUnits, writes } = await measure(ledger, operation, meter.take, nowMs)
    rows.push({
      operation: operation.name,
      'write units': units,
      budget: operation.budgetUnits,
      'in Ephemera': ephemeraUnits,
      writes: writes.map(write => `${write.table} ${write.units}`).join(', '),
    })
  }
  console.log('Write units of the ledger: as reported for single writes, two for each item of a transaction.')
  console.table(rows)
} finally {
  await engine.close()
}
