import { expect, it } from 'vitest'
import { connect } from '../support/database.ts'
import { createLedger } from '../support/ledger.ts'
import { budgetedOperations, measure } from '../support/ledger-operations.ts'
import { meterWrites } from '../support/write-meter.ts'

it.each(budgetedOperations())(
  '$name writes $budgetUnits units, and $ephemeraUnits in Ephemera',
  async operation => {
    const database = connect()
    const meter = meterWrites(database)
    const nowMs = Date.now()
    const { units, ephemeraUnits, writes } = await measure(
      createLedger(database, () => nowMs),
      operation,
      meter.take,
      nowMs,
    )
    const budget = { units: operation.budgetUnits, ephemeraUnits: operation.ephemeraUnits }
    expect({ units, ephemeraUnits, writes }).toEqual({ ...budget, writes })
  },
)
