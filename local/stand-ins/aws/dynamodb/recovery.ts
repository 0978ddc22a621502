import { join } from 'node:path'
import * as z from 'zod'
import type { State } from '../../state.ts'
import { AwsError } from '../errors.ts'
import type { Engine } from './engine.ts'
import { type Journal, openJournal } from './journal.ts'
import { restoreTable } from './restore.ts'
import { findTable, type Table } from './tables.ts'

const restore = z.object({
  sourceArn: z.string(),
  source: z.string(),
  target: z.string(),
  /** The time that it goes back to. */
  atMs: z.number(),
  requestedAtMs: z.number(),
  items: z.int(),
})

/** The tables that can be restored, and what was. */
export const recoveryData = z.object({ tables: z.array(z.string()), restores: z.array(restore) })
export type RecoveryData = z.infer<typeof recoveryData>
export type Restore = RecoveryData['restores'][number]

/** From when to when a table can be had back. */
export interface Window {
  earliestMs: number
  latestMs: number
}

/** Point-in-time recovery of DynamoDB Local's tables, from journals of their writes. */
export interface Recovery {
  /** Watches these tables, and those that were watched before and are still there. */
  watch(tableNames: readonly string[]): Promise<void>
  /** Watches a table, if it isn't yet. */
  enable(tableName: string): Promise<void>
  disable(tableName: string): Promise<void>
  /** Undefined where the table isn't watched. */
  window(tableName: string): Window | undefined
  /** How a table came to be, if it was restored. */
  restoreOf(tableName: string): Restore | undefined
  /** Resolves once the new table is complete. */
  restore(source: Table, target: string, atMs: number): Promise<void>
  /** Takes in what was written by now. */
  close(): Promise<void>
}

export interface RecoveryOptions {
  engine: Engine
  state: State<RecoveryData>
  /** Where the journals are; in memory when left out. */
  dir: string | undefined
  nowMs: () => number
  onError(error: unknown): void
}

/** A write's time is known to half of this. */
const pollMs = 500

export function createRecovery({ engine, state, dir, nowMs, onError }: RecoveryOptions): Recovery {
  const journals = new Map<string, Journal>()
  const opening = new Map<string, Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function catchUp(): Promise<void> {
    for (const journal of journals.values()) await journal.catchUp()
  }

  function poll(): void {
    if (closed) return
    timer = setTimeout(() => void catchUp().catch(onError).then(poll), pollMs)
  }

  async function open(tableName: string): Promise<void> {
    const file = dir === undefined ? undefined : join(dir, `${tableName}.jsonl`)
    const journal = await openJournal(engine, tableName, file, nowMs)
    await journal.catchUp()
    journals.set(tableName, journal)
    if (timer === undefined) poll()
  }

  function openOnce(tableName: string): Promise<void> {
    const under = opening.get(tableName) ?? open(tableName).finally(() => opening.delete(tableName))
    opening.set(tableName, under)
    return under
  }

  async function enable(tableName: string): Promise<void> {
    if (!journals.has(tableName)) await openOnce(tableName)
    if (state.data.tables.includes(tableName)) return
    state.data.tables.push(tableName)
    await state.save()
  }

  return {
    async watch(tableNames) {
      for (const name of new Set([...state.data.tables, ...tableNames])) {
        if ((await findTable(engine, name)) !== undefined) await enable(name)
      }
    },
    enable,
    async disable(tableName) {
      journals.delete(tableName)
      state.data.tables = state.data.tables.filter(name => name !== tableName)
      await state.save()
    },
    window(tableName) {
      const journal = journals.get(tableName)
      return journal && { earliestMs: journal.sinceMs, latestMs: nowMs() }
    },
    restoreOf: tableName => state.data.restores.findLast(({ target }) => target === tableName),
    async restore(source, target, atMs) {
      const journal = journals.get(source.TableName)
      if (journal === undefined) throw recoveryIsOff(source.TableName)
      const items = await restoreTable(engine, source, journal, { target, atMs })
      const { TableName: name, TableArn: sourceArn } = source
      state.data.restores.push({ source: name, sourceArn, target, atMs, requestedAtMs: nowMs(), items })
      await state.save()
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await catchUp().catch(() => undefined)
    },
  }
}

function recoveryIsOff(tableName: string): AwsError {
  return new AwsError(
    400,
    'PointInTimeRecoveryUnavailableException',
    `Point in time recovery is not enabled for table '${tableName}'`,
  )
}
