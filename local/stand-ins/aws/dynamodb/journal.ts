import type { Engine } from './engine.ts'
import { type JournalContent, type JournalEntry, type JournalFile, journalFile } from './journal-file.ts'
import { createStreamReader, type StreamReader, type StreamRecord } from './stream.ts'
import { enableStream, findTable } from './tables.ts'

/** What a table's journal holds. */
export interface Journal {
  /** From when on every write is in it. */
  readonly sinceMs: number
  /** Takes in what has been written by now. */
  catchUp(): Promise<void>
  /** In the order of the writes. */
  entriesAfter(atMs: number): JournalEntry[]
}

/** As long as DynamoDB can go back. */
const keptMs = 35 * 24 * 60 * 60_000
const minuteMs = 60_000

/**
 * Opens the journal of a table and switches its stream on. A write's time is known to the distance between two
 * calls of `catchUp`; one that a former process did not take in any more is known to the minute.
 *
 * @throws {Error} when there is no such table
 */
export async function openJournal(
  engine: Engine,
  tableName: string,
  file: string | undefined,
  nowMs: () => number,
): Promise<Journal> {
  const streamArn = await streamOf(engine, tableName)
  const kept = journalFile(file)
  const content = await openContent(kept, streamArn, nowMs())
  return asJournal(createStreamReader(engine, streamArn), kept, content, nowMs)
}

async function streamOf(engine: Engine, tableName: string): Promise<string> {
  const table = await findTable(engine, tableName)
  if (table === undefined) throw new Error(`There is no table ${tableName}.`)
  await enableStream(engine, table)
  const streaming = await findTable(engine, tableName)
  if (streaming?.LatestStreamArn === undefined) throw new Error(`${tableName} has no stream.`)
  return streaming.LatestStreamArn
}

/** What is kept of the same stream, without what is too old; another table of this name begins anew. */
async function openContent(kept: JournalFile, streamArn: string, atMs: number): Promise<JournalContent> {
  const former = await kept.read()
  const content: JournalContent =
    former?.streamArn === streamArn
      ? {
          streamArn,
          sinceMs: Math.max(former.sinceMs, atMs - keptMs),
          entries: former.entries.filter(entry => entry.atMs > atMs - keptMs),
        }
      : { streamArn, sinceMs: atMs, entries: [] }
  await kept.replace(content)
  return content
}

function asJournal(
  reader: StreamReader,
  kept: JournalFile,
  content: JournalContent,
  nowMs: () => number,
): Journal {
  let lastReadMs: number | undefined
  let reading = Promise.resolve()

  const timeOf = (record: StreamRecord, readMs: number): number => {
    const guessMs = lastReadMs === undefined ? readMs : (lastReadMs + readMs) / 2
    return Math.max(record.minuteMs, Math.min(guessMs, record.minuteMs + minuteMs))
  }

  async function readOnce(): Promise<void> {
    const readMs = nowMs()
    const records = await reader.read()
    const last = content.entries.at(-1)?.sequenceNumber ?? ''
    const entries = records
      .filter(({ sequenceNumber }) => sequenceNumber > last)
      .map(
        (record): JournalEntry => ({
          sequenceNumber: record.sequenceNumber,
          atMs: timeOf(record, readMs),
          keys: record.keys,
          ...(record.old === undefined ? {} : { old: record.old }),
        }),
      )
    lastReadMs = readMs
    if (entries.length === 0) return
    content.entries.push(...entries)
    await kept.append(entries)
  }

  return {
    sinceMs: content.sinceMs,
    catchUp() {
      reading = reading.catch(() => undefined).then(readOnce)
      return reading
    },
    entriesAfter: atMs => content.entries.filter(entry => entry.atMs > atMs),
  }
}
