import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Low, Memory } from 'lowdb'
import { JSONFile } from 'lowdb/node'
import * as z from 'zod'

/** What a stand-in remembers. Change `data` in place, then `save()`. */
export type State<T> = {
  readonly data: T
  /**
   * Writes all of `data` and resolves once it is on disk (at once when it is kept in memory only).
   * Calls made while a write is under way share the next one, so it is cheap to call after each change.
   */
  save(): Promise<void>
}

/**
 * Opens a stand-in's state: the content of the JSON file `file`, or `initial` where there is none yet.
 *
 * Writes are atomic (to a temporary file beside it, then renamed), so a process that ends in the middle of
 * a write leaves the former content. Without a `file` the state lives in memory only. One process at a time
 * may have a file open.
 *
 * @param schema checks what was read; what it makes of defaults and coercions is what `data` holds
 * @throws Error that names the file, when its content is not JSON or does not fit the schema
 */
export async function openState<T>(
  file: string | undefined,
  schema: z.ZodType<T>,
  initial: T,
): Promise<State<T>> {
  if (file === undefined) return asState(new Low<T>(new Memory<T>(), structuredClone(initial)))

  await mkdir(dirname(file), { recursive: true })
  const store = new Low<unknown>(new JSONFile<unknown>(file), structuredClone(initial))
  try {
    await store.read()
  } catch (error) {
    throw unreadable(file, String(error))
  }
  const parsed = schema.safeParse(store.data)
  if (!parsed.success) throw unreadable(file, z.prettifyError(parsed.error))
  return asState(new Low<T>(new JSONFile<T>(file), parsed.data))
}

function asState<T>(store: Low<T>): State<T> {
  return { data: store.data, save: () => store.write() }
}

function unreadable(file: string, reason: string): Error {
  return new Error(`The saved state in ${file} cannot be read. Delete the file to start afresh. (${reason})`)
}
