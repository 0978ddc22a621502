import { expect, it } from 'vitest'
import { connect } from '../support/database.ts'
import { createLedger } from '../support/ledger.ts'
import { budgetedOperations, measure } from '../support/ledger-operations.ts'
import { meterWrites } from '../support/write-meter.ts'

it.each(budgetedOperations())('$name writes at most $budgetUnits units', async operation => {
  const database = connect()
  const meter = meterWrites(database)
  const nowMs = Date.now()
  const { units, writes } = await measure(
    createLedger(database, () => nowMs),
    operation,
    meter.take,
    nowMs,
  )
  expect({ units, writes }).toEqual({ units: operation.budgetUnits, writes })
})
