import { GetCommand, paginateScan } from '@aws-sdk/lib-dynamodb'
import pMap from 'p-map'
import type { Database } from '../src/db/dynamodb.ts'
import { toTransactionRow } from '../src/db/transaction-item.ts'
import type { TransactionRow } from '../src/domain/journal.ts'
import { madeUpRowId } from '../src/domain/movement-ids.ts'
import { shellWord } from './shell-word.ts'

/** Credits that were moved where tables serve and not in restored ones, and the command that moves them there, once. */
export interface LostMovement {
  readonly row: TransactionRow
  /** Of a session, refund or dispute at Stripe. */
  readonly stripeId: string | undefined
  /** What follows `npm run ops -- `, or where to read what to do. */
  readonly remedy: string
}

export interface LostMovements {
  /** In the order in which they were made. */
  readonly movements: readonly LostMovement[]
  /** How many rows could not be read, and so not be looked for. */
  readonly unreadable: number
}

/** By so much no clock is wrong that a movement was noted by. */
const clocksMs = 24 * 3_600_000
const readsAtOnce = { concurrency: 20 }

/**
 * Finds what moved credits since a moment and is not in tables restored to it: purchases, grants and adjustments. A
 * bonus comes with its account, and what lapses lapses again. Reads all of Transactions, and keeps what it has found.
 */
export const findLostMovements = async (
  restored: Database,
  serving: Database,
  { atMs, nowMs }: { readonly atMs: number; readonly nowMs: number },
): Promise<LostMovements> => {
  const movements: LostMovement[] = []
  let unreadable = 0
  for await (const items of movementsSince(serving, atMs - clocksMs)) {
    const rows = items.map(readRow).filter(row => row !== undefined)
    unreadable += items.length - rows.length
    const lost = await pMap(rows, row => lostIn(restored, row, nowMs), readsAtOnce)
    movements.push(...lost.filter(movement => movement !== undefined))
  }
  const sorted = movements.sort((a, b) => madeAt(a.row).localeCompare(madeAt(b.row)))
  return { movements: withoutReturned(sorted), unreadable }
}

const isReturn = ({ row }: LostMovement): boolean => /#(?:failed|reinstated)$/.test(row.transactionId)

/**
 * Leaves out what was taken for a refund or dispute and given back: Stripe says that this money has come back, so neither
 * can be booked any more. Where less was given back, the rest is for people to find out.
 */
const withoutReturned = (movements: readonly LostMovement[]): LostMovement[] => {
  const returned = new Map(movements.filter(isReturn).map(({ stripeId, row }) => [stripeId, row.credits]))
  return movements
    .filter(movement => !isReturn(movement))
    .flatMap(movement => {
      const back = returned.get(movement.stripeId)
      if (back === undefined) return [movement]
      const isWhole = movement.row.credits + back === 0
      return isWhole ? [] : [{ ...movement, remedy: 'docs/runbooks/disaster-recovery.md' }]
    })
}

const madeAt = (row: TransactionRow): string => row.completedAt ?? row.createdAt

/** Undefined where nothing is to be made up for. */
const lostIn = async (
  db: Database,
  row: TransactionRow,
  nowMs: number,
): Promise<LostMovement | undefined> => {
  if (await isBooked(db, row)) return undefined
  const stripeId = stripeIdOf(row)
  const account = await stateOf(db, row.userId)
  const isSpendable = account !== 'closed' && (row.lapsesAt === undefined || Date.parse(row.lapsesAt) > nowMs)
  if (stripeId === undefined && !isSpendable) return undefined
  return { row, stripeId, remedy: remedyOf(row, stripeId, account === 'gone') }
}

async function* movementsSince(db: Database, fromMs: number): AsyncGenerator<readonly unknown[]> {
  const pages = paginateScan(
    { client: db.client },
    {
      TableName: db.tables.transactions,
      FilterExpression:
        '#type IN (:purchase, :grant, :adjustment) AND #status = :completed AND completed_at >= :from',
      ExpressionAttributeNames: { '#type': 'type', '#status': 'status' },
      ExpressionAttributeValues: {
        ':purchase': 'purchase',
        ':grant': 'grant',
        ':adjustment': 'adjustment',
        ':completed': 'completed',
        ':from': new Date(fromMs).toISOString(),
      },
    },
  )
  for await (const { Items = [] } of pages) yield Items
}

/** What serves may be what a restore is to mend. */
const readRow = (item: unknown): TransactionRow | undefined => {
  try {
    return toTransactionRow(item)
  } catch {
    return undefined
  }
}

/** A purchase also by the adjustment that made up for it. */
const isBooked = async (
  db: Database,
  { type, transactionId, stripeSessionId }: TransactionRow,
): Promise<boolean> => {
  if (await isCompleted(db, transactionId)) return true
  return type === 'purchase' && stripeSessionId !== undefined && isCompleted(db, madeUpRowId(stripeSessionId))
}

const isCompleted = async ({ client, tables }: Database, transactionId: string): Promise<boolean> => {
  const { Item } = await client.send(
    new GetCommand({
      TableName: tables.transactions,
      Key: { transaction_id: transactionId },
      ProjectionExpression: '#status',
      ExpressionAttributeNames: { '#status': 'status' },
      ConsistentRead: true,
    }),
  )
  return Item?.status === 'completed'
}

/** Who was erased has a closed account; one that was opened later is gone. */
const stateOf = async (
  { client, tables }: Database,
  userId: string,
): Promise<'active' | 'closed' | 'gone'> => {
  const { Item } = await client.send(
    new GetCommand({
      TableName: tables.users,
      Key: { user_id: userId },
      ProjectionExpression: 'user_id, is_active',
      ConsistentRead: true,
    }),
  )
  if (!Item) return 'gone'
  return Item.is_active === true ? 'active' : 'closed'
}

/** What the row books, by its id or that of its session. */
const stripeIdOf = ({ type, transactionId, stripeSessionId }: TransactionRow): string | undefined =>
  type === 'purchase' ? stripeSessionId : /^(?:refund|dispute|session)#(\w+)/.exec(transactionId)?.[1]

const remedyOf = (row: TransactionRow, stripeId: string | undefined, isGone: boolean): string => {
  // Stripe says who paid, and nobody else is charged for it.
  if (isGone && stripeId !== undefined && !stripeId.startsWith('cs_'))
    return 'docs/runbooks/disaster-recovery.md'
  return `${commandOf(row, isGone ? '<who>' : row.userId, stripeId)} --apply`
}

const commandOf = (row: TransactionRow, who: string, stripeId: string | undefined): string => {
  const why = row.type === 'purchase' ? 'Paid' : (row.reason ?? 'Lost in a restore')
  const said = `--reason ${shellWord(why)}`
  if (row.type === 'grant') return `grant ${who} ${row.credits} --expires ${row.lapsesAt} ${said}${idOf(row)}`
  return `adjust ${who} ${row.credits} ${said}${stripeId === undefined ? idOf(row) : ` --books ${stripeId}`}`
}

/** Under its own id it is made once, however often. One that follows from a cause is not the operator's to give. */
const idOf = ({ transactionId }: TransactionRow): string =>
  transactionId.includes('#') ? '' : ` --id ${transactionId}`
