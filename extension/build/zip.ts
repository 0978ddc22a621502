import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type Zippable, zipSync } from 'fflate'

/** The same in every zone: zips keep what the clock shows, without its zone. 1980 is the earliest that they know. */
const fixedTime = (): Date => new Date(1980, 0, 1, 12)

/** A directory's files as a zip that depends on nothing but their names and contents. */
export async function zipOf(dir: string): Promise<Uint8Array> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .toSorted()
  const contents = await Promise.all(files.map(file => readFile(file)))
  const zippable: Zippable = Object.fromEntries(
    files.map((file, index) => [relative(dir, file), contents[index] ?? new Uint8Array()]),
  )
  return zipSync(zippable, { level: 9, mtime: fixedTime() })
}
