import { describe, expect, it } from 'vitest'
import { askForCapacity, totalCapacity } from '../../../../bench/cost/capacity.ts'
import type { Exchange } from '../../../../bench/cost/tap.ts'

const exchange = (operation: string, ...ConsumedCapacity: object[]): Exchange => ({
  method: 'POST',
  path: '/',
  headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
  request: Buffer.from('{}'),
  answer: Buffer.from(
    JSON.stringify({
      ConsumedCapacity: ConsumedCapacity.length === 1 ? ConsumedCapacity[0] : ConsumedCapacity,
    }),
  ),
})
const nameOf = (table: string): string => `live-transcription-cost-${table}`

const report = (table: string, CapacityUnits: number) => ({
  TableName: nameOf(table),
  CapacityUnits,
  Table: { CapacityUnits },
})

type Kind = 'Put' | 'Update' | 'ConditionCheck'

/** A transaction of such items, of a kind and a table each. */
const transaction = (items: readonly (readonly [Kind, string])[], ...reports: object[]): Exchange => ({
  ...exchange('TransactWriteItems', ...reports),
  request: Buffer.from(
    JSON.stringify({
      TransactItems: items.map(([kind, table]) => ({ [kind]: { TableName: nameOf(table) } })),
    }),
  ),
})

describe('what DynamoDB consumes', () => {
  it("is a transaction's two units an item, where DynamoDB Local reports four", () => {
    const items = [['Update', 'users'] as const, ['Put', 'usage'] as const]
    const total = totalCapacity([transaction(items, report('users', 4), report('usage', 4))])
    expect(total).toMatchObject({ writeUnits: 4, transactions: 1, writes: 0, tables: ['usage', 'users'] })
  })

  it.each([
    ['does not report', 4],
    ['reports', 8],
  ])('is two units for a check, which DynamoDB Local %s', (_, reported) => {
    const items = [['Update', 'users'] as const, ['ConditionCheck', 'users'] as const]
    expect(totalCapacity([transaction(items, report('users', reported))]).writeUnits).toBe(4)
  })

  it('is counted as reported for single writes', () => {
    expect(totalCapacity([exchange('PutItem', report('ephemera', 2))])).toMatchObject({
      writeUnits: 2,
      writes: 1,
    })
  })

  it('is counted in halves for reads', () => {
    const reads = [exchange('GetItem', report('users', 0.5)), exchange('Query', report('usage', 1))]
    expect(totalCapacity(reads)).toMatchObject({ readHalfUnits: 3, reads: 2, writeUnits: 0 })
  })

  it('is nothing where a request was refused', () => {
    const refused = { ...exchange('UpdateItem'), answer: Buffer.from('{"__type":"Refused"}') }
    expect(totalCapacity([refused])).toMatchObject({ writeUnits: 0, writes: 1, tables: [] })
  })

  it('is asked for in every request, whatever else it says', () => {
    const body = askForCapacity(Buffer.from('{"TableName":"users","ReturnConsumedCapacity":"NONE"}'))
    expect(JSON.parse(body.toString())).toEqual({ TableName: 'users', ReturnConsumedCapacity: 'INDEXES' })
  })
})
