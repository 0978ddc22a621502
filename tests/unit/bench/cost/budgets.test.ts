import { describe, expect, it } from 'vitest'
import { leasesASession } from '../../../../bench/cost/listener.ts'
import { readMeasured } from '../../../../bench/cost/measured.ts'
import { budgetedOperations } from '../../../support/ledger-operations.ts'

const { calls } = await readMeasured()

/** Write units of one call. */
const writesOf = (name: string): number => {
  const call = calls[name]
  if (!call) throw new Error(`${name} was not measured.`)
  return call.write_units / call.samples
}

const budget = (name: string): number => {
  const found = budgetedOperations().find(operation => operation.name === name)
  if (!found) throw new Error(`There is no budget for ${name}.`)
  return found.budgetUnits + found.ephemeraUnits
}

/** One unit counts a call; where nobody was active before in the hour, two note the account. */
const throttle = 1
const note = budget("the note of an account's active hour")

describe('what was measured, by the budgets that tests/integration/write-budgets.test.ts holds the ledger to', () => {
  it('is an hour of captions, a throttle a call, and the note of the second of the hours that it is in', () => {
    const renewals = leasesASession - 1
    const measured = writesOf('stream_start') + renewals * writesOf('stream_renew') + writesOf('stream_stop')
    expect(measured).toBe(budget('live captions of one hour') + (renewals + 2) * throttle + note)
  })

  it('is a catch-up from a transcript: reserved, settled, noted and counted', () => {
    const measured = writesOf('catchup_transcript') + writesOf('summary_transcript')
    expect(measured).toBe(budget('reserve') + budget('settle') + note + throttle)
  })

  it('is a purchase credited', () => {
    expect(writesOf('webhook_stripe')).toBe(budget('a purchase credited'))
  })
})
