import { type IDBPDatabase, type IDBPTransaction, openDB } from 'idb'
import { type StoreName, schemaVersion, type TranscriptSchema, upgrade } from './schema.ts'
import { storageProblem } from './storage-problem.ts'

export const databaseName = 'transcripts'

type Database = IDBPDatabase<TranscriptSchema>
type Transaction<Mode extends IDBTransactionMode> = IDBPTransaction<TranscriptSchema, StoreName[], Mode>

/**
 * The database, opened when it is needed and opened again when it was closed from outside: by the browser, or to make
 * way for a newer version of the extension or for its deletion.
 */
export class Connection {
  #database: Promise<Database> | undefined

  /** @throws {Problem} where it can't be opened */
  async open(): Promise<void> {
    await this.#read().catch(error => {
      throw storageProblem(error)
    })
  }

  /**
   * Does some work in one transaction: all of it is done, or nothing. Writes are on the disk when the promise is
   * fulfilled. The work is repeated once where the connection was lost under it, for then nothing of it was done.
   *
   * @param work awaits nothing but the transaction's own requests, and writes last
   * @throws {Problem} `storage_full`, `storage_failed`, or what the work throws
   */
  async transact<Mode extends 'readonly' | 'readwrite', Result>(
    stores: StoreName[],
    mode: Mode,
    work: (transaction: Transaction<Mode>) => Promise<Result>,
  ): Promise<Result> {
    const database = this.#read()
    try {
      return await inTransaction(await database, stores, mode, work).catch(async error => {
        if (!isConnectionLost(error)) throw error
        this.#close(database)
        return inTransaction(await this.#read(), stores, mode, work)
      })
    } catch (error) {
      throw storageProblem(error)
    }
  }

  #read(): Promise<Database> {
    this.#database ??= this.#connect()
    return this.#database
  }

  #connect(): Promise<Database> {
    const opening: Promise<Database> = Promise.resolve().then(() =>
      openDB<TranscriptSchema>(databaseName, schemaVersion, {
        upgrade,
        blocking: () => this.#close(opening),
        terminated: () => this.#close(opening),
      }),
    )
    opening.catch(() => this.#close(opening))
    return opening
  }

  /** What runs in it is done first. The next call opens another. */
  #close(database: Promise<Database>): void {
    if (this.#database === database) this.#database = undefined
    database.then(
      opened => opened.close(),
      () => undefined,
    )
  }
}

async function inTransaction<Mode extends 'readonly' | 'readwrite', Result>(
  database: Database,
  stores: StoreName[],
  mode: Mode,
  work: (transaction: Transaction<Mode>) => Promise<Result>,
): Promise<Result> {
  const transaction = database.transaction(stores, mode, { durability: 'strict' })
  const [result, done] = await Promise.allSettled([work(transaction), transaction.done])
  // Why a transaction was aborted is known to it alone; its requests say only that it was.
  if (done.status === 'rejected') throw done.reason
  if (result.status === 'rejected') throw result.reason
  return result.value
}

/** Whether a transaction could not begin, or was given up, because the connection was closed. */
const isConnectionLost = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === 'InvalidStateError' || error.name === 'AbortError')
